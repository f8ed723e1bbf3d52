// Classifies the errors of all lower layers by public error code. server/ creates GraphQL errors from the result, and the
// `error` field of a failed task has the same data.

import { PaginationError } from '../../planner/connections/cursor.ts'
import { SelectionTooDeepError } from '../../planner/selection.ts'
import { InvalidXmlCharacterError, SoapError } from '../../soap/soap-error.ts'
import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import { isWrongServer, TransportError } from '../../transport/transport-error.ts'
import { VapiError } from '../../vapi/vapi-error.ts'
import { CoverageError } from '../../vim25/changed-disk-areas/changed-disk-areas.ts'
import { TooManyFollowersError } from '../../vim25/history/event-follower.ts'
import { CircuitOpenError } from '../../vim25/session/circuit-breaker.ts'
import { isRevert, provesNotExecuted } from '../../vim25/session/fault-evidence.ts'
import { TooManyFiltersError } from '../../vim25/updates/inventory-watcher.ts'
import { isTransient } from '../../vim25/updates/transient-error.ts'
import { faultChain, TaskError, VimFaultError } from '../../vim25/vim-fault-error.ts'
import { ApiError, type ErrorCode, type ErrorDetails } from './api-error.ts'
import { classifyVapiError } from './classify-vapi-error.ts'
import { faultRuleOf } from './fault-rules.ts'

export interface ClassifiedError extends ErrorDetails {
  readonly code: ErrorCode
  /** Safe to show to clients. Undefined for a bug in the gateway, whose details must not be exposed. */
  readonly message: string | undefined
  /** The task that ended with the fault, or that blocks the call. The caller converts it to a global id. */
  readonly taskRef?: ManagedObjectReference
}

/** Returns the code, message and details of any error. */
export function classifyError(error: unknown): ClassifiedError {
  if (error instanceof ApiError) return { code: error.code, message: error.message, ...error.details }
  if (error instanceof SelectionTooDeepError) {
    return {
      code: 'QUERY_TOO_COMPLEX',
      message: error.message,
      actual: error.actual,
      limit: error.limit,
      remedy: 'Remove the innermost levels: they repeat fields that an outer level selects.',
    }
  }
  if (error instanceof TooManyFiltersError || error instanceof TooManyFollowersError) {
    return {
      code: 'QUERY_TOO_COMPLEX',
      message: error.message,
      actual: error.actual,
      limit: error.limit,
      retryable: true,
      remedy:
        error instanceof TooManyFiltersError
          ? 'Use the same fields and filters as other subscriptions, or end some subscriptions.'
          : 'End some subscriptions of events, or follow the events of several in one.',
    }
  }
  if (error instanceof PaginationError)
    return { code: 'BAD_USER_INPUT', message: error.message, remedy: error.remedy }
  if (error instanceof VimFaultError) {
    const message = error.is('InvalidLogin') ? loginRefusedMessage : withObject(error)
    return { ...classifyFault(error), message, fault: error.faultName }
  }
  if (error instanceof CircuitOpenError) return classifyOutage(error)
  if (error instanceof TransportError) return { ...classifyTransport(error), message: error.message }
  if (error instanceof VapiError) return { ...classifyVapiError(error), message: error.message }
  if (error instanceof InvalidXmlCharacterError)
    return {
      code: 'BAD_USER_INPUT',
      message: error.message,
      remedy: 'Remove control characters, such as NUL, from the arguments.',
    }
  if (error instanceof SoapError || error instanceof CoverageError) {
    return {
      code: 'VSPHERE_FAULT',
      message: error.message,
      retryable: true,
      remedy:
        'The response was discarded. Retry the request; if the error persists, check whether another server responds at the address of the vCenter.',
    }
  }
  return { code: 'INTERNAL_SERVER_ERROR', message: undefined }
}

/** Whether a running subscription waits and reads again after an error, instead of ending with it. */
export const isSurvivable = (error: unknown): boolean =>
  isTransient(error) || (error instanceof VapiError && classifyVapiError(error).retryable === true)

/** Replaces vSphere's "Login failure", which clients would take for a failure of their own login. The log has both. */
const loginRefusedMessage =
  'the gateway cannot log in to the vCenter, which rejected the user name or password of its account'

/** Returns the message of a fault. vSphere does not name the object that was not found, or that is hidden. */
function withObject(error: VimFaultError): string {
  const { obj } = error.fault as Partial<DataObject<'ManagedObjectNotFound'>>
  return error.is('ManagedObjectNotFound') && obj && !error.message.includes(obj.value)
    ? `${obj.type} ${obj.value} was not found: ${error.message}`
    : error.message
}

/** Classifies a fault, whether a call raised it or a task ended with it. */
function classifyFault(error: VimFaultError): Omit<ClassifiedError, 'message'> {
  const [, code, details] = faultRuleOf(error)
  const { taskRef, ...faultDetailsOnly } = faultDetails(error)
  // If a task failed because another one was running, the other one is named: the client must wait for it.
  const taskRefOfError = taskRef ?? (error instanceof TaskError ? error.task : undefined)
  const outcomeDetails = error instanceof TaskError ? uncertainOutcome(error) : undefined
  return {
    code,
    ...details,
    ...outcomeDetails,
    ...faultDetailsOnly,
    ...(taskRefOfError && { taskRef: taskRefOfError }),
  }
}

/**
 * Returns overriding details for a task that ended with an inconclusive fault, such as HostCommunication: the host may still
 * execute it, so unlike a read, it must not be retried blindly. A call that fails this way is handled by recover-task.ts.
 */
const uncertainOutcome = (error: TaskError): ErrorDetails | undefined =>
  provesNotExecuted(error, 'task')
    ? undefined
    : {
        retryable: false,
        remedy: isRevert(error.operation)
          ? 'The disks may have been reverted although the task failed: a revert powers the virtual machine on afterwards. Read currentSnapshot and powerState before you retry. The change may have been applied, or may still be.'
          : `The change may have been applied, or may still be. Check the recent tasks, ${isPowerChange(error.operation) ? 'the power state' : 'the snapshots'} of the virtual machine and the connection state of the host before you retry.`,
      }

const isPowerChange = (operation: string): boolean =>
  /^VirtualMachine\.(powerOn|powerOff|reset|suspend)$|^Datacenter\.powerOn/.test(operation)

/** Returns the details from the properties of a fault: the privilege, the state, the blocking task. */
function faultDetails(error: VimFaultError): Partial<ClassifiedError> {
  if (error.is('TaskInProgress')) return { taskRef: (error.fault as DataObject<'TaskInProgress'>).task }
  if (error.is('NotAuthenticated')) return {}
  if (error.is('NoPermission')) return missingPrivilegeDetails(error.fault as DataObject<'NoPermission'>)
  if (error.is('InvalidPowerState'))
    return { state: (error.fault as DataObject<'InvalidPowerState'>).existingState }
  return {}
}

/** Returns the details of a NoPermission, which names one missing privilege, and since 7.0 U3 all of them. */
export function missingPrivilegeDetails({
  object,
  privilegeId,
  missingPrivileges: [first] = [],
}: Pick<DataObject<'NoPermission'>, 'object' | 'privilegeId' | 'missingPrivileges'>): ErrorDetails {
  const ref = object ?? first?.entity
  const privileges = first?.privilegeIds ?? []
  const privilege = privilegeId ?? privileges[0]
  const named = ref && `${ref.type} ${ref.value}`
  if (privilege === undefined) return { object: named }
  const all = [...new Set([privilege, ...privileges])]
  return {
    privilege,
    object: named,
    remedy: `Grant the privilege${all.length > 1 ? 's' : ''} ${all.join(', ')} ${
      ref === undefined ? '' : `on ${isRootFolder(ref) ? `the root folder (${ref.value})` : named} `
    }to the account that made the call (the account of the gateway, or the caller’s with --auth vsphere).`,
  }
}

/** Every vCenter names its root folder group-d1, and every ESXi host ha-folder-root. */
const isRootFolder = ({ type, value }: ManagedObjectReference): boolean =>
  type === 'Folder' && (value === 'group-d1' || value === 'ha-folder-root')

function classifyTransport(error: TransportError): Omit<ClassifiedError, 'message'> {
  switch (error.code) {
    case 'TIMEOUT':
      return {
        code: 'VCENTER_TIMEOUT',
        retryable: true,
        remedy: 'The vCenter did not respond in time. Retry the request, or request less data.',
      }
    case 'TLS_THUMBPRINT':
    case 'TLS_UNTRUSTED':
      return {
        code: 'VCENTER_UNAVAILABLE',
        remedy: 'Contact the operator of the gateway. Its log names the certificate and what to do.',
      }
    case 'TOO_LARGE':
      return { code: 'QUERY_TOO_COMPLEX', remedy: 'Request fewer objects or fewer fields.' }
    default:
      return {
        code: 'VCENTER_UNAVAILABLE',
        retryable: true,
        remedy: isWrongServer(error)
          ? 'Check the URL of the vCenter (--url, VSPHERE_URL; its SDK is at /sdk), and whether another server responds at that address.'
          : 'Check that the vCenter is running and reachable from the gateway, then retry the request.',
      }
  }
}

/** Classifies an open circuit: nothing was sent, and the remedy is that of the last failure. */
function classifyOutage(error: CircuitOpenError): ClassifiedError {
  const { cause } = error
  const { remedy, fault } = classifyError(cause)
  // A retry does not make a certificate trusted. A login failure may be temporary.
  const isTrust = cause instanceof TransportError && cause.code.startsWith('TLS_')
  const message = isTrust ? cause.message : error.message
  return { code: 'VCENTER_UNAVAILABLE', message, retryable: !isTrust, remedy, fault }
}

/** Returns the keys of all messages of a fault and its causes. For a FileFault, they are the only exact information. */
export function faultMessageKeys(error: VimFaultError): string[] {
  return [...faultChain(error.fault)].flatMap(({ faultMessage }) => faultMessage?.map(({ key }) => key) ?? [])
}
