/**
 * A phone's side of SRTP for tests, on node:crypto: it shares nothing with the libsrtp of the product and of the worker. The RFCs'
 * vectors (test/unit/src/leakTest/srtp) say that it is right.
 */
export { SrtpReceiver, SrtpSender } from '#src/leakTest/srtp/session.ts';
