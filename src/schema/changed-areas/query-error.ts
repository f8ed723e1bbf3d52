// What a fault of QueryChangedDiskAreas means. A FileFault is not opaque: the key of its faultMessage, or in its text, says which of
// several things went wrong (the vSphere CSI driver reads it the same way). docs/changed-block-tracking.md has the table for people.

import type { DataObject } from '../../soap/vim-types.ts'
import { faultChain, VimFaultError } from '../../vim25/vim-fault-error.ts'
import { ApiError, type ErrorCode, type ErrorDetails } from '../errors/api-error.ts'
import { faultMessageKeys } from '../errors/classify-error.ts'

const fullBackupRemedy = 'Take everything that is in use (allocatedAreas) and store the new changeId.'
const activateRemedy =
  'Switch change tracking on (setChangeTracking), take a snapshot so that it begins, and ask the disk in that snapshot.'

/** The error to tell for whatever the call raised; what is no fault passes through. */
export function queryError(error: unknown, changeId: string): unknown {
  if (!(error instanceof VimFaultError)) return error
  const mapped = mapFault(error, changeId)
  if (!mapped) return error
  const [code, remedy, details] = mapped
  return new ApiError(
    code,
    `QueryChangedDiskAreas failed: ${error.message}`,
    { fault: error.faultName, remedy, ...details },
    { cause: error },
  )
}

type MappedFault = readonly [code: ErrorCode, remedy: string, details?: ErrorDetails]

function mapFault(error: VimFaultError, changeId: string): MappedFault | undefined {
  if (error.is('FileFault')) return mapFileFault(error, changeId)
  if (error.is('NotFound') || error.is('ManagedObjectNotFound'))
    return [
      'NOT_FOUND',
      'The virtual machine or the snapshot was removed meanwhile. Take a new snapshot; a stored changeId is still valid.',
    ]
  if (error.is('InvalidArgument')) {
    switch ((error.fault as DataObject<'InvalidArgument'>).invalidProperty) {
      case 'changeId':
        return ['CHANGE_ID_INVALID', `vSphere does not take this changeId. ${fullBackupRemedy}`]
      case 'deviceKey':
        return ['CBT_UNSUPPORTED', 'The disk cannot be tracked. Read the whole disk.']
      case 'snapshotId':
      case 'snapshot':
        return [
          'NOT_FOUND',
          'The snapshot was removed meanwhile. Take a new one; a stored changeId is still valid.',
        ]
      default:
        // The arguments are ours: the disk is not what the inventory said a moment ago.
        return ['VSPHERE_FAULT', 'The disk changed meanwhile. Ask again.', { retryable: true }]
    }
  }
  if (error.is('SystemError'))
    return ['VSPHERE_FAULT', 'vSphere failed for a reason of its own. Ask again.', { retryable: true }]
  return undefined
}

/** The keys of change tracking: `vim.hostd.vmsvc.cbt.noTrack`. */
const trackingKey = /\bcbt\.(noTrack|noEpoch|cannotGetChanges)\b/

function mapFileFault(error: VimFaultError, changeId: string): MappedFault {
  const messages = textsOf(error)
  // Some hosts leave faultMessage out, and have the key only in the text.
  const key = messages.map((text) => trackingKey.exec(text)?.[1]).find((each) => each !== undefined)
  if (key === 'noTrack' || key === 'noEpoch') return ['CBT_NOT_ENABLED', activateRemedy]
  if (key === 'cannotGetChanges') {
    return messages.some((text) => /corrupt/i.test(text))
      ? [
          'CBT_TRACKING_CORRUPT',
          'Switch change tracking off and on again (setChangeTracking), then take everything that is in use (allocatedAreas).',
        ]
      : ['CHANGE_ID_STALE', fullBackupRemedy]
  }
  // Only the bare fault: FileLocked and its like say what it is.
  if (error.faultName === 'FileFault' && faultMessageKeys(error).length === 0 && changeId !== '*')
    return ['CHANGE_ID_STALE', fullBackupRemedy]
  return [
    'VSPHERE_FAULT',
    'The tracking file could not be read just now. Ask again; if it stays, take everything that is in use.',
    { retryable: true },
  ]
}

/** All texts of a fault and its causes, those of its messages before its own. */
const textsOf = (error: VimFaultError): string[] => [
  ...[...faultChain(error.fault)].flatMap(({ faultMessage, faultCause }) => [
    ...(faultMessage ?? []).flatMap(({ key, message, arg }) => [
      key,
      message ?? '',
      ...(arg ?? []).map(({ value }) => String(value)),
    ]),
    faultCause?.localizedMessage ?? '',
  ]),
  error.message,
]
