// An assumption about real servers, and the calls of its probe.

import type { DataObject, ManagedObjectReference, ManagedObjectType } from '../../soap/vim-types.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import { type DoctorRun, known } from '../check.ts'
import { safeTypeName } from '../failure.ts'
import type { AssumptionReport } from '../report.ts'

export interface Observation extends Pick<AssumptionReport, 'observed'> {
  readonly result: Exclude<AssumptionReport['result'], 'notProbed'>
}

interface ProbedAssumption {
  readonly id: string
  /** One sentence. */
  readonly assumed: string
  /** How it is probed, in one sentence. */
  readonly probe: string
  /** @default true */
  readonly needsLogin?: boolean
  observe(run: DoctorRun): Promise<Observation>
}

/** An assumption that a call that only reads cannot prove or disprove. */
interface UnprobedAssumption extends Pick<ProbedAssumption, 'id' | 'assumed'> {
  /** Why. */
  readonly notProbed: string
}

export type Assumption = ProbedAssumption | UnprobedAssumption

export const confirmed = (observed: string): Observation => ({ result: 'confirmed', observed })
export const differs = (observed: string): Observation => ({ result: 'differs', observed })
export const unknown = (observed: string): Observation => ({ result: 'unknown', observed })
export const notApplicable = (observed: string): Observation => ({ result: 'skipped', observed })

/** A reference that no server has. */
export const invented: ManagedObjectReference = { type: 'VirtualMachine', value: 'vm-2147483647' }

/** Returns the observation of a call that failed. One that the account may not make shows nothing about the server. */
export function failedWith(fault: VimFaultError): Observation {
  const name = safeTypeName(fault.faultName)
  const { obj } = fault.fault as Partial<DataObject<'ManagedObjectNotFound'>>
  const isHidden = fault.is('ManagedObjectNotFound') && obj !== undefined && obj.value !== invented.value
  return isHidden || isDenied(fault)
    ? unknown(`The account may not read what is needed: the call failed with ${name}.`)
    : differs(`The call failed with ${name}.`)
}

/** NotAuthenticated, which is a subtype, says nothing about privileges. */
const isDenied = (fault: VimFaultError): boolean => fault.is('NoPermission') && !fault.is('NotAuthenticated')

/** Returns the observation of a response in which the account may not read a property; undefined if it may. */
export const denied = (faults: readonly string[]): Observation | undefined =>
  faults.includes('NoPermission')
    ? unknown('The account may not read the property: NoPermission.')
    : undefined

interface RetrieveOptions {
  readonly reportMissing?: boolean
  readonly maxObjects?: number
}

/** Makes exactly one RetrievePropertiesEx, without the repetitions with which the gateway corrects faults. */
export async function retrieveOnce(
  { session, signal }: DoctorRun,
  type: ManagedObjectType,
  pathSet: readonly string[],
  refs: readonly ManagedObjectReference[],
  { reportMissing, maxObjects }: RetrieveOptions = {},
): Promise<DataObject<'RetrieveResult'> | undefined> {
  const spec: DataObject<'PropertyFilterSpec'> = {
    propSet: [{ type, pathSet }],
    objectSet: refs.map((obj) => ({ obj, skip: false })),
    ...(reportMissing && { reportMissingObjectsInResults: true }),
  }
  const login = await session.ensureLogin({ signal })
  return login.call(
    'RetrievePropertiesEx',
    login.content.propertyCollector,
    { specSet: [spec], options: maxObjects === undefined ? {} : { maxObjects } },
    { signal },
  )
}

/** Returns the fault that a call raises; undefined if it succeeds. Other errors are thrown. */
export async function faultOf(call: Promise<unknown>): Promise<VimFaultError | undefined> {
  try {
    await call
    return undefined
  } catch (error) {
    if (error instanceof VimFaultError) return error
    throw error
  }
}

/** Returns the names of the faults of a path in a response. */
export const missingFaults = (result: DataObject<'RetrieveResult'> | undefined): string[] =>
  (result?.objects ?? []).flatMap(({ missingSet = [] }) =>
    missingSet.map(({ fault }) => fault.fault._typeName ?? 'MethodFault'),
  )

/** Returns the value of a path of the first object; undefined if it is unset. */
export const firstValue = (result: DataObject<'RetrieveResult'> | undefined): unknown =>
  result?.objects?.[0]?.propSet?.[0]?.val

export const rootFolderOf = (run: DoctorRun): ManagedObjectReference => known(run.content).rootFolder
