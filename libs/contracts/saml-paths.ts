/** Where SAML identity providers find us, at each of a tenant's hosts. The metadata's address is our entity id. */
export const samlPaths = {
  metadata: '/api/sign-in/saml/metadata',
  acs: '/api/sign-in/saml/acs',
  singleLogout: '/api/sign-in/saml/logout',
} as const;
