// A vSphere fault as a JS error, whether the call raised it, a task ended with it, or a property was missing because of it.
// server/ turns it into a GraphQL error; nothing here knows GraphQL.

import type { SoapFault } from '../soap/envelope.ts'
import { type DataObject, isSubtype, type ManagedObjectReference } from '../soap/vim-types.ts'
import { truncate } from '../text/truncate.ts'

type Fault = DataObject<'MethodFault'>
type LocalizedFault = DataObject<'LocalizedMethodFault'>

export class VimFaultError extends Error {
  override name: string = 'VimFaultError'
  /** The vim25 type, such as `NoPermission`; it may be one that we do not declare. */
  readonly faultName: string
  /** The fault with its own fields, its faultCause and its faultMessage. */
  readonly fault: Fault

  constructor(fault: Fault, message: string, options?: ErrorOptions) {
    super(truncate(message || messageOf(fault)), options)
    this.faultName = truncate(fault._typeName ?? 'MethodFault')
    this.fault = fault
  }

  /** Whether the fault is of a type or of one of its subtypes: `is('InvalidState')` is true for InvalidPowerState. */
  is(faultName: string): boolean {
    return isSubtype(this.faultName, faultName)
  }
}

/** A task that ended with an error. */
export class TaskError extends VimFaultError {
  override name = 'TaskError'
  readonly task: ManagedObjectReference

  constructor(task: ManagedObjectReference, error: LocalizedFault) {
    super(error.fault, error.localizedMessage ?? '')
    this.task = task
  }
}

/** The error of a fault that came in a SOAP envelope. A fault without detail is a RuntimeFault: nothing finer is known. */
export const fromSoapFault = ({ detail, faultstring }: SoapFault): VimFaultError =>
  new VimFaultError(detail ?? { _typeName: 'RuntimeFault' }, faultstring)

/** The error of a fault that came inside data: a task's error, a missing property. */
export const fromLocalizedFault = ({ fault, localizedMessage }: LocalizedFault): VimFaultError =>
  new VimFaultError(fault, localizedMessage ?? '')

/** The fault and its causes, outermost first. */
export function* faultChain(fault: Fault): Generator<Fault> {
  for (
    let each: Fault | undefined = fault;
    each;
    each = (each.faultCause as LocalizedFault | undefined)?.fault
  )
    yield each
}

// Faultstring is often empty; the useful text is then in a faultMessage of the fault or of a cause.
function messageOf(fault: Fault): string {
  for (const each of faultChain(fault)) {
    const text = each.faultMessage?.find((message) => message.message)?.message
    if (text) return text
  }
  return `vSphere raised ${fault._typeName ?? 'a fault'}`
}
