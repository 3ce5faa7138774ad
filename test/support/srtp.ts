/**
 * A phone's side of SRTP for tests. The transforms are those of the product: the RFC's vectors (test/unit) and mediasoup's libsrtp
 * (test/integration) say that they are right, so a second copy here would prove nothing more.
 */
export { SrtpReceiver, SrtpSender } from '#media/transport/srtp/session.ts';
