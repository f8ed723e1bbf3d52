// Whether the time for which our own certificate is good is over, has not come, or is soon over: clients refuse it then, and
// the gateway, which only shows it, would notice nothing.

import type { KeyPair } from '../../config/access/key-pair.ts'

const dayMs = 24 * 60 * 60_000

/** Time enough to have another one made. */
const warnBeforeMs = 14 * dayMs

/** What is wrong with it, as the end of a sentence about the certificate; undefined if nothing is. */
export function certificateExpiryWarning(
  { notBefore, notAfter }: Pick<KeyPair, 'notBefore' | 'notAfter'>,
  now = new Date(),
): string | undefined {
  if (now < notBefore) return `is not valid before ${notBefore.toISOString()}: clients refuse it until then`
  if (now > notAfter) return `has expired, at ${notAfter.toISOString()}: clients refuse it`
  if (notAfter.getTime() - now.getTime() < warnBeforeMs)
    return `expires soon, at ${notAfter.toISOString()}: clients refuse it from then on`
  return undefined
}
