/**
 * A phone's side of SRTP for tests, on node:crypto: it shares nothing with the libsrtp of the product and of the worker. The RFCs'
 * vectors (test/unit/support) say that it is right.
 */
export { SrtpReceiver, SrtpSender } from './srtp/session.ts';
