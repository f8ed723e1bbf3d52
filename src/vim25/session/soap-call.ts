// A SOAP call as a function from its arguments to its result. The client (soap-client.ts) sends it; decorators wrap it with what
// else a call needs, such as `withRetries(budget, withCircuitBreaker(circuitBreaker, client.call))`.

import type { MethodArgs, MethodName, MethodResult } from '../../soap/envelope.ts'
import type { ItemHandlers } from '../../soap/reply-decoder.ts'
import type { DecodeOptions } from '../../soap/value-decoder.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { CallOptions } from './call-options.ts'

/** @param streaming decodes the response as it arrives and passes its items to handlers */
export type SoapCall = <M extends MethodName>(
  method: M,
  self: ManagedObjectReference,
  args: MethodArgs<M>,
  callOptions: CallOptions,
  streaming?: StreamingOptions,
) => Promise<MethodResult<M>>

/** How to decode a large response while it arrives. */
export interface StreamingOptions {
  /** Handlers for the items of the result, by field name. After an error, the items handled so far are incomplete. */
  readonly handlers: ItemHandlers
  /** Which parts of the response to decode. @default all */
  readonly decodeOptions?: DecodeOptions | undefined
  /** The request is sent at once, but the response is only read after this promise resolves. */
  readonly after?: Promise<unknown> | undefined
}
