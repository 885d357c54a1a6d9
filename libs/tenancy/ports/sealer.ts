/** Seals small secrets at rest (AES-256-GCM under the master key). `context` must be the same at both ends. */
export abstract class Sealer {
  abstract seal(text: string, context: string): string;
  /** @throws {AppError} internal when the text was sealed by another key or for another context */
  abstract open(sealed: string, context: string): string;
}
