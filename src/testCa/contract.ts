/** What a zone's test certificate is for, and whose it shall be. */
export interface TestCertificateOrder {
  readonly domains: readonly string[];
  /** Folder for `certificate.pem` and `key.pem`. */
  readonly folder: string;
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** Request `issue` of the test CA's process; answered with the path of the CA's own certificate. */
export interface TestCaRequest {
  readonly caFolder: string;
  readonly orders: readonly TestCertificateOrder[];
}
