// Checks the gateway's own certificate for expiry. Clients reject an expired certificate, but the gateway,
// which only presents it, would not notice.

import type { KeyPair } from '../../config/access/key-pair.ts'

const dayMs = 24 * 60 * 60_000

/** Leaves enough time to renew it. */
const warnBeforeMs = 14 * dayMs

/**
 * Returns the problem with the certificate, as the end of a sentence about it; undefined if there is none.
 */
export function certificateExpiryWarning(
  { notBefore, notAfter }: Pick<KeyPair, 'notBefore' | 'notAfter'>,
  now = new Date(),
): string | undefined {
  if (now < notBefore) return `is not valid before ${notBefore.toISOString()}: clients reject it until then`
  if (now > notAfter) return `expired at ${notAfter.toISOString()}: clients reject it`
  if (notAfter.getTime() - now.getTime() < warnBeforeMs)
    return `expires soon, at ${notAfter.toISOString()}: clients reject it after that`
  return undefined
}
