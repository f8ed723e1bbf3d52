// Maps faults of QueryChangedDiskAreas to error codes. A FileFault is specific: a message key in its faultMessage or its text
// identifies the cause (the vSphere CSI driver reads it the same way). docs/changed-block-tracking.md documents the mapping.

import type { DataObject } from '../../soap/vim-types.ts'
import { faultChain, VimFaultError } from '../../vim25/vim-fault-error.ts'
import { ApiError, type ErrorCode, type ErrorDetails } from '../errors/api-error.ts'
import { faultMessageKeys } from '../errors/classify-error.ts'

const fullBackupRemedy = 'Read all areas in use (allocatedAreas) and store the new changeId.'
const activateRemedy =
  'Enable change tracking (setChangeTracking), take a snapshot to activate it, and query the disk in that snapshot.'

/** Converts an error of the call to an ApiError. Returns errors that are not faults, and unknown faults, unchanged. */
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
      'The virtual machine or the snapshot has been removed. Take a new snapshot; a stored changeId is still valid.',
    ]
  if (error.is('InvalidArgument')) {
    switch ((error.fault as DataObject<'InvalidArgument'>).invalidProperty) {
      case 'changeId':
        return ['CHANGE_ID_INVALID', `vSphere does not accept this changeId. ${fullBackupRemedy}`]
      case 'deviceKey':
        return ['CBT_UNSUPPORTED', 'The disk cannot be tracked. Read the whole disk.']
      case 'snapshotId':
      case 'snapshot':
        return [
          'NOT_FOUND',
          'The snapshot has been removed. Take a new one; a stored changeId is still valid.',
        ]
      default:
        // The gateway built the arguments, so the disk has changed since the inventory was read.
        return ['VSPHERE_FAULT', 'The disk has changed. Retry the request.', { retryable: true }]
    }
  }
  if (error.is('SystemError'))
    return ['VSPHERE_FAULT', 'vSphere failed with an internal error. Retry the request.', { retryable: true }]
  return undefined
}

/** Matches the message keys of change tracking, such as `vim.hostd.vmsvc.cbt.noTrack`. */
const trackingKey = /\bcbt\.(noTrack|noEpoch|cannotGetChanges)\b/

function mapFileFault(error: VimFaultError, changeId: string): MappedFault {
  const messages = messagesOf(error)
  // Some hosts omit faultMessage and include the key only in the text.
  const key = messages.map((message) => trackingKey.exec(message)?.[1]).find((each) => each !== undefined)
  if (key === 'noTrack' || key === 'noEpoch') return ['CBT_NOT_ENABLED', activateRemedy]
  if (key === 'cannotGetChanges') {
    return messages.some((message) => /corrupt/i.test(message))
      ? [
          'CBT_TRACKING_CORRUPT',
          'Disable change tracking and enable it again (setChangeTracking), then read all areas in use (allocatedAreas).',
        ]
      : ['CHANGE_ID_STALE', fullBackupRemedy]
  }
  // Only the base type: subtypes such as FileLocked name a more specific cause.
  if (error.faultName === 'FileFault' && faultMessageKeys(error).length === 0 && changeId !== '*')
    return ['CHANGE_ID_STALE', fullBackupRemedy]
  return [
    'VSPHERE_FAULT',
    'The tracking file could not be read. Retry the request; if the error persists, read all areas in use (allocatedAreas).',
    { retryable: true },
  ]
}

/** Returns all message strings of a fault and its causes; the localized message of the fault comes last. */
const messagesOf = (error: VimFaultError): string[] => [
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
