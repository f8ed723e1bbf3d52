// One SOAP call: envelope in, envelope out. Finds the object and the method, checks the session, turns what is thrown into faults.

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
import { isManagedSubtype, type ManagedObjectReference } from '../../soap/vim-types.ts'
import type { FaultInjector } from '../fault-injector.ts'
import type { SimulatedInventory } from '../simulated-inventory.ts'
import { VimFault } from '../vim-fault.ts'
import { faultText } from './fault-text.ts'
import { assertMayChange } from './privileges.ts'
import {
  type Connection,
  findOrFault,
  notAuthenticated,
  ReturnvalText,
  type ServiceMethod,
  type ServiceMethodTable,
} from './service-method.ts'
import type { Session, Sessions } from './sessions.ts'

/** A call as it arrived, for tests to look at. */
export interface RecordedCall {
  readonly method: string
  readonly self: ManagedObjectReference
  /** Decoded; a password is blotted out. */
  readonly args: Readonly<Record<string, unknown>>
  /** The key of the session that it was made in. */
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

// What vCenter lets anyone call. The methods that read properties check for themselves what they may show.
const anonymousMethods: ReadonlySet<string> = new Set([
  'RetrieveServiceContent',
  'Login',
  'RetrievePropertiesEx',
  'RetrieveProperties',
  'Fetch',
] satisfies MethodName[])

/** Calls are recorded up to about this many; then the older half is forgotten. */
const maxRecordedCalls = 20_000

export class Dispatcher {
  readonly calls: RecordedCall[] = []
  readonly #deps: DispatcherDeps

  constructor(deps: DispatcherDeps) {
    this.#deps = deps
  }

  /** Reads an envelope; undefined when it holds no call. */
  read(body: string): SoapRequest | undefined {
    try {
      return decodeRequest(body)
    } catch (error) {
      if (error instanceof SoapError) return undefined
      throw error
    }
  }

  async answer(
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
      session?.find(ref) ?? (session?.sees(ref) === false ? undefined : this.#deps.objects.find(ref))
    const object = findOrFault({ find }, self)
    if (declaration.on !== 'ManagedObject' && !isManagedSubtype(object.type, declaration.on)) throw missing()
    for (const [param, expression] of Object.entries(declaration.params)) {
      if (/[?*]$/.test(expression) || args[param] !== undefined) continue
      throw new VimFault({ _typeName: 'InvalidRequest' }, `Required parameter ${param} is missing.`)
    }

    // What the simulator does not know it cannot do: success without an effect would be a lie.
    if (request.undeclared !== undefined)
      throw new VimFault({ _typeName: 'NotSupported' }, `${request.undeclared} is not simulated.`)

    if (session?.isReadOnly) assertMayChange(method, object)

    await this.#deps.faults.wait(method, signal)
    const fault = this.#deps.faults.takeFault(method)
    if (fault) throw fault
    // Login and its like may run without a session; what they are given for one is then never read.
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
    return result instanceof ReturnvalText
      ? encodeReplyBody(method, result.text)
      : encodeReply(method, result)
  }

  #record({ method, self, args }: SoapRequest, session: Session | undefined): void {
    if (this.calls.length >= maxRecordedCalls) this.calls.splice(0, maxRecordedCalls / 2)
    const shown = 'password' in args ? { ...args, password: '********' } : args
    this.calls.push({ method, self, args: shown, sessionKey: session?.key })
  }
}

function faultEnvelope(error: unknown): string {
  // Anything else is a mistake of ours; a vCenter has those too and tells them so.
  const fault =
    error instanceof VimFault
      ? error
      : new VimFault({ _typeName: 'SystemError', reason: String((error as Error)?.message) })
  return encodeFault(fault.message === '' ? faultText(fault.detail) : fault.message, fault.detail)
}
