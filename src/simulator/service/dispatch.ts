// Handles one SOAP call: finds the object and the method, checks the session, and converts thrown errors into
// faults.

import { methods } from '../../soap/declarations/methods.ts'
import {
  decodeRequest,
  encodeFault,
  encodeReply,
  encodeReplyBody,
  type MethodName,
  type SoapRequest,
} from '../../soap/envelope.ts'
import { SoapError } from '../../soap/soap-error.ts'
import { isManagedSubtype } from '../../soap/type-registry.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { FaultInjector } from '../fault-injector.ts'
import type { SimulatedInventory } from '../simulated-inventory.ts'
import { VimFault } from '../vim-fault.ts'
import { faultMessage } from './fault-message.ts'
import { assertMayCall } from './privileges.ts'
import {
  type Connection,
  EncodedReturnval,
  findOrFault,
  notAuthenticated,
  type ServiceMethod,
  type ServiceMethodTable,
} from './service-method.ts'
import type { Session, Sessions } from './sessions.ts'

/** A received call, recorded for tests. */
export interface RecordedCall {
  readonly method: string
  readonly self: ManagedObjectReference
  /** Decoded arguments; a password is masked. */
  readonly args: Readonly<Record<string, unknown>>
  /** Key of the session that the call was made in. */
  readonly sessionKey: string | undefined
}

export interface SoapReply {
  readonly status: 200 | 500
  readonly text: string
}

export interface DispatcherDeps {
  readonly objects: SimulatedInventory
  readonly sessions: Sessions
  readonly methods: ServiceMethodTable
  readonly faults: FaultInjector
}

// Methods that vCenter allows without a login. Those that read properties check access themselves.
const anonymousMethods: ReadonlySet<string> = new Set([
  'RetrieveServiceContent',
  'Login',
  'RetrievePropertiesEx',
  'RetrieveProperties',
  'Fetch',
] satisfies MethodName[])

/** Maximum number of recorded calls; when it is reached, the older half is dropped. */
const maxRecordedCalls = 20_000

export class Dispatcher {
  readonly calls: RecordedCall[] = []
  readonly #deps: DispatcherDeps

  constructor(deps: DispatcherDeps) {
    this.#deps = deps
  }

  /** Decodes an envelope; undefined if it contains no call. */
  read(body: string): SoapRequest | undefined {
    try {
      return decodeRequest(body)
    } catch (error) {
      if (error instanceof SoapError) return undefined
      throw error
    }
  }

  async handle(
    request: SoapRequest | undefined,
    connection: Connection,
    signal: AbortSignal,
  ): Promise<SoapReply> {
    if (request) this.#record(request, connection.session)
    try {
      return { status: 200, text: await this.#call(request, connection, signal) }
    } catch (error) {
      return { status: 500, text: faultEnvelope(error) }
    }
  }

  async #call(
    request: SoapRequest | undefined,
    connection: Connection,
    signal: AbortSignal,
  ): Promise<string> {
    if (!request) throw new VimFault({ _typeName: 'InvalidRequest' })
    const { method, self, args } = request
    const declaration = Object.hasOwn(methods, method) ? methods[method as MethodName] : undefined
    const implementation =
      declaration && (this.#deps.methods[method as MethodName] as ServiceMethod<MethodName>)
    const missing = () => new VimFault({ _typeName: 'MethodNotFound', receiver: self, method })
    if (!implementation) throw missing()

    const { session } = connection
    if (session) this.#deps.sessions.touch(session)
    else if (!anonymousMethods.has(method)) throw notAuthenticated(self)
    const find = (ref: ManagedObjectReference) =>
      session?.find(ref) ?? (session?.canSee(ref) === false ? undefined : this.#deps.objects.find(ref))
    const object = findOrFault({ find }, self)
    if (declaration.on !== 'ManagedObject' && !isManagedSubtype(object.type, declaration.on)) throw missing()
    for (const [param, expression] of Object.entries(declaration.params)) {
      if (/[?*]$/.test(expression) || args[param] !== undefined) continue
      throw new VimFault({ _typeName: 'InvalidRequest' }, `Required parameter ${param} is missing.`)
    }

    // Rejects parameters that the simulator does not implement, because success without an effect would be
    // misleading.
    if (request.undeclared !== undefined)
      throw new VimFault({ _typeName: 'NotSupported' }, `${request.undeclared} is not simulated.`)

    if (session) assertMayCall(method, object, args, session.access)

    await this.#deps.faults.wait(method, signal)
    const fault = this.#deps.faults.takeFault(method)
    if (fault) throw fault
    // Methods such as Login can run without a session; they do not read `session`.
    const call = {
      objects: this.#deps.objects,
      self: object,
      args: args as never,
      userName: session?.userName,
      signal,
      connection,
      session: session as Session,
      find,
    }
    const result = await implementation(call)
    return result instanceof EncodedReturnval
      ? encodeReplyBody(method, result.xml)
      : encodeReply(method, result)
  }

  #record({ method, self, args }: SoapRequest, session: Session | undefined): void {
    if (this.calls.length >= maxRecordedCalls) this.calls.splice(0, maxRecordedCalls / 2)
    const shown = 'password' in args ? { ...args, password: '********' } : args
    this.calls.push({ method, self, args: shown, sessionKey: session?.key })
  }
}

function faultEnvelope(error: unknown): string {
  // Any other error is a bug in the simulator, reported as a vCenter reports its own internal errors.
  const fault =
    error instanceof VimFault
      ? error
      : new VimFault({ _typeName: 'SystemError', reason: String((error as Error)?.message) })
  return encodeFault(fault.message === '' ? faultMessage(fault.detail) : fault.message, fault.detail)
}
