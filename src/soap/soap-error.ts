// The error of a body that is not valid SOAP. A SOAP fault is not such an error: faults are valid SOAP, see envelope.ts.

import { truncate } from '../text/truncate.ts'

/** The text is not well-formed XML, is not a SOAP envelope, is truncated, or has a value that its declared type does not allow. */
export class SoapError extends Error {
  override name = 'SoapError' as const

  /** Truncates the message, which may contain element and type names of any length from the server. */
  constructor(message: string, options?: ErrorOptions) {
    super(truncate(message), options)
  }
}

/** An argument of a call cannot be encoded. Nothing was sent. */
export class RequestEncodingError extends SoapError {}

/** XML cannot represent a value. Nothing was sent. */
export class InvalidXmlCharacterError extends RequestEncodingError {}
