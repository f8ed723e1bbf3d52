// Signs the markers of captures with the keys of --capture-key-file, or with a random key of this process.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Log } from '../observability/log.ts'
import type { CaptureSigner } from '../schema/captures/capture-marker.ts'

/**
 * Creates a signer. The first key signs; all of them verify, so that a key can be replaced while captures exist.
 * @param keys returns the current keys
 */
export const createCaptureSigner = (keys: () => readonly string[]): CaptureSigner => ({
  sign: (text) => signature(keys()[0] as string, text),
  verify(text, given) {
    // As strings, because several of them decode to the same bytes, and a marker of which one character was changed is not ours.
    const bytes = Buffer.from(given)
    return keys().some((key) => {
      const expected = Buffer.from(signature(key, text))
      return bytes.length === expected.length && timingSafeEqual(bytes, expected)
    })
  },
})

const signature = (key: string, text: string): string =>
  createHmac('sha256', key).update(text).digest('base64url')

/** Creates a signer with a random key. Logs at the first capture that another process does not recognize it. */
export function createProcessSigner(vcenterName: string, log: Pick<Log, 'warn'>): CaptureSigner {
  const key = randomBytes(32).toString('base64url')
  const signer = createCaptureSigner(() => [key])
  let isLogged = false
  return {
    isTemporary: true,
    verify: signer.verify,
    sign(text) {
      if (!isLogged)
        log.warn(
          `${vcenterName}: no key for captures (--capture-key-file, or the option captureKey of createGateway): after a restart, or by another gateway, the captures of this process are not recognized, and their snapshots are not removed when the lease ends`,
        )
      isLogged = true
      return signer.sign(text)
    },
  }
}
