// The marker in the description of a snapshot that captureChanges took: the lease and the key of the request, signed. Any gateway with
// the same key recognizes it, also after a restart. Others can write descriptions too, so an unsigned or changed marker is ignored.

/** Signs the markers of captures. The key itself is not known to the schema. */
export interface CaptureSigner {
  /** Returns the signature of a text, as base64url. */
  sign(text: string): string
  /** Whether a signature belongs to a text. Compares in constant time. */
  verify(text: string, signature: string): boolean
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

const label = '[vsphere-graphql capture]'

/** Writes the description of a capture's snapshot. */
export function describeCapture(
  { key, digest, expiresAt, nonce, earlier }: CaptureMarker,
  machine: MarkedMachine,
  signer: CaptureSigner,
): string {
  const json = toAscii(JSON.stringify([key, digest, expiresAt, nonce, earlier]))
  return [
    `Held for a backup until ${new Date(expiresAt).toISOString()}, and then removed. Keep this text as it is.`,
    `${label} ${json} ${signer.sign(signedText(json, machine))}`,
  ].join('\n')
}

/** Reads the marker of a description; undefined if it has none that is signed for this machine. */
export function markerIn(
  description: string,
  machine: MarkedMachine,
  signer: CaptureSigner,
): CaptureMarker | undefined {
  const line = description.split(/\r?\n/).find((each) => each.startsWith(`${label} `))
  const [, json, signature] = /^(\[.*\]) ([\w-]{43})$/.exec(line?.slice(label.length + 1).trim() ?? '') ?? []
  if (json === undefined || signature === undefined) return undefined
  if (!signer.verify(signedText(json, machine), signature)) return undefined
  const [key, digest, expiresAt, nonce, earlier] = JSON.parse(json) as [
    string,
    string,
    number,
    string,
    readonly number[],
  ]
  return { key, digest, expiresAt, nonce, earlier }
}

const signedText = (json: string, { identity, instanceUuid }: MarkedMachine): string =>
  JSON.stringify([identity, instanceUuid, json])

/** Escapes all other characters: a server that normalizes them would make the signature invalid. */
const toAscii = (json: string): string =>
  json.replace(/[^ -~]/g, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`)
