/** Addresses of a tenant's two faces, from the host the browser named. */
export interface Origins {
  /** `http://acme.localhost:4780`. */
  readonly chat: string;
  /** `http://admin.acme.localhost:4780`. */
  readonly admin: string;
}
