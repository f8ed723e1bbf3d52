// A fault thrown by a simulated method. It is sent as a SOAP fault, or as the task's error if a task throws
// it.

export class VimFault extends Error {
  override name = 'VimFault' as const
  /** The fault as a vim25 data object: `{ _typeName: 'InvalidPowerState', existingState: 'poweredOn', ... }`. */
  readonly detail: { readonly _typeName: string } & Readonly<Record<string, unknown>>

  constructor(detail: { readonly _typeName: string } & Readonly<Record<string, unknown>>, message = '') {
    super(message)
    this.detail = detail
  }
}
