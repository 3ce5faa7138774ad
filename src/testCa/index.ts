import { fileURLToPath } from 'node:url';
import { askChild } from '../askChild.ts';
import type { TestCaRequest } from './contract.ts';

export type { TestCaRequest, TestCertificateOrder } from './contract.ts';

/**
 * Makes the test CA in `caFolder` and the ordered certificates where they are missing, near their end or for other
 * domains. Returns the path of the CA's certificate.
 */
export function issueTestCertificates(request: TestCaRequest): Promise<string> {
  return askChild(fileURLToPath(new URL('./program.ts', import.meta.url)), 'issue', request);
}
