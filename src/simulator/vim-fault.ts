// A fault that a simulated method raises. It goes out as a SOAP fault, or as a task's error if a task raised it.

export class VimFault extends Error {
  override name = 'VimFault' as const
  /** The fault as a vim25 data object: `{ _typeName: 'InvalidPowerState', existingState: 'poweredOn', ... }`. */
  readonly detail: { readonly _typeName: string } & Readonly<Record<string, unknown>>

  constructor(detail: { readonly _typeName: string } & Readonly<Record<string, unknown>>, message = '') {
    super(message)
    this.detail = detail
  }
}
