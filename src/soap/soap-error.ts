// What a body that is not good SOAP becomes. A fault is not one: faults are good SOAP, see envelope.ts.

import { truncate } from '../text/truncate.ts'

/** The text is not well-formed XML, not a SOAP envelope, cut, or holds a value that its declared type does not allow. */
export class SoapError extends Error {
  override name = 'SoapError' as const

  /** The message may name elements and types that the server made up. */
  constructor(message: string, options?: ErrorOptions) {
    super(truncate(message), options)
  }
}

/** A value that cannot be written as XML: nothing was sent. */
export class UnwritableError extends SoapError {}
