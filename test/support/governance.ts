import { fileURLToPath } from 'node:url';

/** The public key that test zones seal their records for; its identity is `testOwnerIdentity`. */
export const testRecipient = 'age1v7wemfxq07kxjutvkmp3tluyea8xe9hw40ud3l2m836cvt7c6gmsyzwt98';
export const testOwnerIdentity = 'AGE-SECRET-KEY-1KDQJDJZJLT5TLKSFHPTC9EG03JXV722VWWFECQE22ER6RELCXZ3S86P3ET';

/** What every zone must state of who may meet and who owns the records: everybody comes in. */
export const governance = {
  guests: { model: 'allow' as const, owner: 'tests@example.org', review_by: '2099-12-31' },
  policy: { file: fileURLToPath(new URL('./policy.cedar', import.meta.url)) },
  records: { recipients: [testRecipient] },
};

/** The same for a zone of kind `core`, which takes nobody from outside of its networks. */
export const coreGovernance = {
  ...governance,
  guests: { ...governance.guests, model: 'deny' as const },
  networks: ['127.0.0.0/8', '::1'],
};
