/** An address of this machine for one that is listened on: itself, or loopback for all of them. */
export function dialable(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  return address === '::' ? '::1' : address;
}
