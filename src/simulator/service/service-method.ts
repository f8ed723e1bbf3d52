// Types of service methods: simulated methods that also have access to the session and the connection.

import type { MethodName, MethodResult } from '../../soap/envelope.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { Call } from '../method-table.ts'
import type { SimulatedObject } from '../simulated-inventory.ts'
import { VimFault } from '../vim-fault.ts'
import type { Caller, Session } from './sessions.ts'

/** The client's connection. It may carry a session cookie, and a login replaces it. */
export interface Connection extends Caller {
  session: Session | undefined
  /** Set if the response must set a cookie. */
  cookie: string | undefined
}

export interface ServiceCall<M extends MethodName> extends Call<M> {
  readonly connection: Connection
  /** The client's session. A method that needs no login reads `connection.session`. */
  readonly session: Session
  /**
   * Returns the object behind a reference as the client sees it: session objects take precedence over the
   * inventory.
   */
  find(ref: ManagedObjectReference): SimulatedObject | undefined
}

/** A result whose returnval elements are already encoded. */
export class EncodedReturnval {
  readonly xml: string

  constructor(xml: string) {
    this.xml = xml
  }
}

export type ServiceMethod<M extends MethodName> = (
  call: ServiceCall<M>,
) => MethodResult<M> | EncodedReturnval | Promise<MethodResult<M> | EncodedReturnval>

export type ServiceMethodTable = { readonly [M in MethodName]?: ServiceMethod<M> }

/**
 * Returns the object behind a reference.
 * @throws ManagedObjectNotFound if it does not exist.
 */
export function findOrFault(
  call: Pick<ServiceCall<MethodName>, 'find'>,
  ref: ManagedObjectReference,
): SimulatedObject {
  const object = call.find(ref)
  if (!object) throw new VimFault({ _typeName: 'ManagedObjectNotFound', obj: ref })
  return object
}

export const invalidArgument = (invalidProperty: string): VimFault =>
  new VimFault({ _typeName: 'InvalidArgument', invalidProperty })

export const notAuthenticated = (object: ManagedObjectReference, privilegeId = 'System.View'): VimFault =>
  new VimFault({ _typeName: 'NotAuthenticated', object, privilegeId })
