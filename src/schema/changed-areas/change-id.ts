// Parses a changeId: `<epoch>/<number>`. vSphere documents it as opaque, but all known servers use this format.

const changeIdForm = /^([0-9a-f]{2}(?:[ -][0-9a-f]{2}){15})\/(\d+)$/i

interface ChangeIdParts {
  /** In lower case. */
  readonly epoch: string
  readonly number: bigint
}

/** Returns the epoch and the number of a changeId; undefined if it has another format. */
export function parseChangeId(changeId: string): ChangeIdParts | undefined {
  const [, epoch, number] = changeIdForm.exec(changeId) ?? []
  return epoch === undefined || number === undefined
    ? undefined
    : { epoch: epoch.toLowerCase(), number: BigInt(number) }
}
