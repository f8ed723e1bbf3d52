// The token of a captured disk: what a client stores after a backup, and passes to the next capture. It is self-contained, so no
// gateway keeps anything, and opaque to clients.

import { decodeChecked, encodeChecked } from '../../text/opaque-string.ts'
import { badInput } from '../errors/api-error.ts'

/** A task in the history of a vCenter. Its moid alone is not unique: a vCenter that was restored uses the same numbers again. */
export interface HistoricTask {
  readonly moid: string
  /** When it was queued, by the clock of the vCenter, in ms since 1970. */
  readonly queuedAt: number
}

/** The state of a disk at a capture. */
export interface CaptureToken {
  /** Identity of the vCenter, as in global ids. */
  readonly identity: string
  /** `config.instanceUuid` of the virtual machine, which stays when the machine is registered again. */
  readonly instanceUuid: string
  /** Device key of the disk. */
  readonly key: number
  /** Empty if the vCenter reports none. */
  readonly uuid: string
  /** In bytes. */
  readonly capacity: number
  readonly changeId: string
  /** The task that created the snapshot, if it is known. While the history of tasks has it, it also has every later revert. */
  readonly task: HistoricTask | undefined
}

/** The first part of a token, so that another opaque string is not taken for one. */
const tokenForm = 'capture-2'

export const encodeToken = ({
  identity,
  instanceUuid,
  key,
  uuid,
  capacity,
  changeId,
  task,
}: CaptureToken): string =>
  encodeChecked([
    tokenForm,
    identity,
    instanceUuid,
    key,
    uuid,
    capacity,
    changeId,
    ...(task ? [task.moid, task.queuedAt] : []),
  ])

/** @throws ApiError BAD_USER_INPUT */
function decodeToken(text: string): CaptureToken {
  const [form, identity, instanceUuid, key, uuid, capacity, changeId, ...ofTask] = decodeChecked(text) ?? []
  if (
    form === tokenForm &&
    isText(identity) &&
    isText(instanceUuid) &&
    isNumber(key) &&
    typeof uuid === 'string' &&
    isNumber(capacity) &&
    isText(changeId) &&
    changeId !== '*'
  ) {
    const [moid, queuedAt] = ofTask
    const token = { identity, instanceUuid, key, uuid, capacity, changeId }
    if (ofTask.length === 0) return { ...token, task: undefined }
    if (ofTask.length === 2 && isText(moid) && isNumber(queuedAt))
      return { ...token, task: { moid, queuedAt } }
  }
  throw badInput('a token is not one of captureChanges', tokenRemedy)
}

const tokenRemedy = 'Pass CapturedDisk.token unchanged, or leave it out to capture the disk in full.'
const isText = (part: unknown): part is string => typeof part === 'string' && part !== ''
const isNumber = (part: unknown): part is number => Number.isSafeInteger(part) && (part as number) >= 0

/** @throws ApiError BAD_USER_INPUT if one is malformed, or two belong to one disk or to different machines */
export function decodeTokens(encoded: readonly string[]): readonly CaptureToken[] {
  const tokens = encoded.map(decodeToken)
  const [first] = tokens
  for (const [index, token] of tokens.entries()) {
    if (tokens.findIndex(({ key }) => key === token.key) !== index)
      throw badInput(`two tokens belong to the disk ${token.key}`, 'Pass the last token of each disk.')
    if (first) assertSameMachine(token, first)
  }
  return tokens
}

/** @throws ApiError BAD_USER_INPUT if a token belongs to another machine */
export function assertSameMachine(
  token: CaptureToken,
  { identity, instanceUuid }: Pick<CaptureToken, 'identity' | 'instanceUuid'>,
): void {
  if (token.identity === identity && token.instanceUuid === instanceUuid) return
  throw badInput(
    `the token of the disk ${token.key} belongs to another virtual machine`,
    'Pass only tokens of captures of this virtual machine.',
  )
}
