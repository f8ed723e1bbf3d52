// The marker in the description of a snapshot that captureChanges took: the lease and the key of the request, signed. Any gateway with
// the same key recognizes it, also after a restart. Others can write descriptions too, so an unsigned or changed marker is ignored.

/** Signs the markers of captures. The key itself is not known to the schema. */
export interface CaptureSigner {
  /** Returns the signature of a text, as base64url. */
  sign(text: string): string
  /** Whether a signature belongs to a text. Compares in constant time. */
  verify(text: string, signature: string): boolean
  /** Whether the key ends with this process, so that there are no markers from before. @default false */
  readonly isTemporary?: boolean
}

/** What the marker of a capture states. */
export interface CaptureMarker {
  /** The idempotency key of the request. */
  readonly key: string
  /** Digest of the other arguments. */
  readonly digest: string
  /** When the lease ends, by the clock of the vCenter, in ms since 1970. */
  readonly expiresAt: number
  /** Differs between captures, so that a copy of a marker is recognized. */
  readonly nonce: string
  /** The ids of the snapshots that the machine had before, within it: the marker is not valid on them, if someone moves it there. */
  readonly earlier: readonly number[]
}

/** The machine that a marker is signed for: a marker that was copied to another virtual machine is not valid there. */
export interface MarkedMachine {
  /** Identity of the vCenter, as in global ids. */
  readonly identity: string
  readonly instanceUuid: string
}

/** The marker of a description. */
export interface DescribedCapture {
  readonly marker: CaptureMarker
  /** Whether the description is exactly what captureChanges wrote. Otherwise someone wants to keep the snapshot. */
  readonly isUnchanged: boolean
}

const label = '[vsphere-graphql capture]'

/** Writes the description of a capture's snapshot: one line, because a server may write line breaks in another way. */
export function describeCapture(
  marker: CaptureMarker,
  machine: MarkedMachine,
  signer: CaptureSigner,
): string {
  const { key, digest, expiresAt, nonce, earlier } = marker
  const rest = JSON.stringify([digest, expiresAt, nonce, earlier]).slice(1)
  const json = `[${toPlain(JSON.stringify(key))},${rest}`
  return descriptionOf(expiresAt, json, signer.sign(signedText(json, machine)))
}

const descriptionOf = (expiresAt: number, json: string, signature: string): string =>
  `Held for a backup until ${new Date(expiresAt).toISOString()}, and then removed, unless this text is changed. ${label} ${json} ${signature}`

/** Reads the marker of a description, also within other text; undefined if it has none that is signed for this machine. */
export function markerIn(
  description: string,
  machine: MarkedMachine,
  signer: CaptureSigner,
): DescribedCapture | undefined {
  const form = /\[vsphere-graphql capture\] (\[[^[\r\n]*\[[\d,]*\]\]) ([\w-]{43})(?![\w-])/g
  for (const [, json = '', signature = ''] of description.matchAll(form)) {
    if (!signer.verify(signedText(json, machine), signature)) continue
    const [key, digest, expiresAt, nonce, earlier] = JSON.parse(json) as [
      string,
      string,
      number,
      string,
      readonly number[],
    ]
    return {
      marker: { key, digest, expiresAt, nonce, earlier },
      isUnchanged: description === descriptionOf(expiresAt, json, signature),
    }
  }
  return undefined
}

const signedText = (json: string, { identity, instanceUuid }: MarkedMachine): string =>
  JSON.stringify([identity, instanceUuid, json])

/** Escapes characters that a server may normalize, which would make the signature invalid, and the bracket that begins a list. */
const toPlain = (json: string): string =>
  json.replace(/[^ -Z\\-~]/g, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`)
