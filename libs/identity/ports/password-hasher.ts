/** Hashes passwords slowly, off the event loop. */
export abstract class PasswordHasher {
  /** A text that holds algorithm, parameters, salt and hash. */
  abstract hash(password: string): Promise<string>;
  /** Whether the password fits. Null (nobody, or no password) costs the same work and is false. */
  abstract verify(hash: string | null, password: string): Promise<boolean>;
}
