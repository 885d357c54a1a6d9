/** What a request must carry, and what a connection must be made of, at this moment. */
export interface Credentials {
  /** Headers of every request: Authorization, Impersonate-User … */
  readonly headers: Readonly<Record<string, string>>;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  /** False only where the kubeconfig says insecure-skip-tls-verify. */
  readonly rejectUnauthorized?: boolean;
}

/** The way to one API server. */
export interface Connection {
  /** Base address, without a slash at its end. */
  readonly server: string;
  /** Read again for each request: service account tokens and certificates are replaced while we run. */
  credentials(): Promise<Credentials>;
}
