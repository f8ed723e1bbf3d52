// A vSphere fault as a JS error: raised by a call, stored in a failed task, or given as the reason for a missing property.
// server/ converts it to a GraphQL error; this file does not depend on GraphQL.

import type { SoapFault } from '../soap/envelope.ts'
import { isSubtype } from '../soap/type-registry.ts'
import type { DataObject, ManagedObjectReference } from '../soap/vim-types.ts'
import { truncate } from '../text/truncate.ts'

type Fault = DataObject<'MethodFault'>
type LocalizedFault = DataObject<'LocalizedMethodFault'>

export class VimFaultError extends Error {
  override name: string = 'VimFaultError'
  /** The vim25 type of the fault, such as `NoPermission`. It may be an undeclared type. */
  readonly faultName: string
  /** The decoded fault with its own fields, its faultCause and its faultMessage. */
  readonly fault: Fault

  constructor(fault: Fault, message: string, options?: ErrorOptions) {
    super(truncate(message || messageOf(fault)), options)
    this.faultName = truncate(fault._typeName ?? 'MethodFault')
    this.fault = fault
  }

  /** Whether the fault is of a type or one of its subtypes: `is('InvalidState')` is true for InvalidPowerState. */
  is(faultName: string): boolean {
    return isSubtype(this.faultName, faultName)
  }
}

/** The error of a task that has failed. */
export class TaskError extends VimFaultError {
  override name = 'TaskError'
  readonly task: ManagedObjectReference
  /** The `descriptionId` of the task, such as `VirtualMachine.createSnapshot`. */
  readonly operation: string

  constructor(task: ManagedObjectReference, error: LocalizedFault, operation = '') {
    super(error.fault, error.localizedMessage ?? '')
    this.task = task
    this.operation = operation
  }
}

/** Creates the error of a SOAP fault. A fault without detail becomes a RuntimeFault, because its type is unknown. */
export const fromSoapFault = ({ detail, faultstring }: SoapFault): VimFaultError =>
  new VimFaultError(detail ?? { _typeName: 'RuntimeFault' }, faultstring)

/** Creates the error of a fault within data, such as the error of a task or the reason for a missing property. */
export const fromLocalizedFault = ({ fault, localizedMessage }: LocalizedFault): VimFaultError =>
  new VimFaultError(fault, localizedMessage ?? '')

/** Yields the fault and its causes, outermost first. */
export function* faultChain(fault: Fault): Generator<Fault> {
  for (
    let each: Fault | undefined = fault;
    each;
    each = (each.faultCause as LocalizedFault | undefined)?.fault
  )
    yield each
}

// The faultstring is often empty. The message is then in a faultMessage of the fault or of one of its causes.
function messageOf(fault: Fault): string {
  for (const each of faultChain(fault)) {
    const text = each.faultMessage?.find((message) => message.message)?.message
    if (text) return text
  }
  return `vSphere raised ${fault._typeName ?? 'a fault'}`
}
