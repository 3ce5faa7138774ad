/** Request `provide` of the owner key's process: the file to make the key in, or to read it from; answered with an OwnerKey. */
export interface OwnerKeyRequest {
  readonly file: string;
}

export interface OwnerKey {
  /** Path of the private key, which the standard `age` tool takes as it is. */
  readonly file: string;
  /** The public key, `age1…`. */
  readonly recipient: string;
}
