// Checks what the account may do, by operation: its privileges on the root folder and on virtual machines, with one call.

import { actions } from '../../schema/access/actions.ts'
import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import { type Check, count, type DoctorRun, type Finding, isHost, known } from '../check.ts'
import { sampleOf } from './inventory-check.ts'
import { readProperties } from './read-properties.ts'

/** Virtual machines, spread over the inventory. An account may have other roles on some of them. */
const sampleSize = 20

/** An operation, and the privileges that it needs on each object that it applies to. */
interface Operation {
  readonly id: string
  /** Whether it applies to all types of objects, hence to the root folder too. */
  readonly onRoot: boolean
  readonly privileges: readonly string[]
}

const operations: readonly Operation[] = [
  { id: 'READ', onRoot: true, privileges: ['System.View', 'System.Read'] },
  {
    id: 'READ_CHANGED_AREAS',
    onRoot: false,
    privileges: ['VirtualMachine.Provisioning.DiskRandomRead'],
  },
  { id: 'CANCEL_TASK', onRoot: true, privileges: ['Global.CancelTask'] },
  ...[...actions].map(([id, { appliesTo, privileges }]) => ({
    id,
    onRoot: appliesTo !== 'VirtualMachine',
    privileges,
  })),
]

export const privilegesCheck: Check = {
  id: 'privileges',
  title: 'Rights of the account',
  needs: ['inventory'],
  async run(run) {
    const { authorizationManager, rootFolder } = known(run.content)
    if (isHost(run) || !authorizationManager)
      return { status: 'skipped', found: ['An ESXi host does not report what an account may do.'] }
    const machines = sampleOf(run, 'VirtualMachine', sampleSize)
    const ids = await knownPrivileges(run, authorizationManager)
    const granted = await grantedPrivileges(run, authorizationManager, [rootFolder, ...machines], ids).catch(
      // The call as a whole needs System.Read on each object.
      async (error) => {
        if (!(error instanceof VimFaultError && error.is('NoPermission'))) throw error
        const ofMachines = await grantedPrivileges(run, authorizationManager, machines, ids)
        return [{ ref: rootFolder, ids: new Set<string>() }, ...ofMachines]
      },
    )
    return findingOf(
      operations.map((operation) => ({
        id: operation.id,
        ...missingOf(
          operation.privileges.filter((id) => ids.includes(id)),
          granted.filter(({ ref }) => operation.onRoot || ref.type === 'VirtualMachine'),
        ),
      })),
      machines.length,
    )
  },
}

/** Returns the privileges of all operations, without those that the vCenter does not know, because it is older. */
async function knownPrivileges(run: DoctorRun, manager: ManagedObjectReference): Promise<readonly string[]> {
  const all = [...new Set(operations.flatMap(({ privileges }) => privileges))]
  const [read] = await readProperties(run, [manager], 'AuthorizationManager', ['privilegeList'])
  const list = read?.values.get('privilegeList') as
    | readonly DataObject<'AuthorizationPrivilege'>[]
    | undefined
  const knownIds = new Set(list?.map(({ privId }) => privId))
  // vcsim has an empty list.
  return knownIds.size === 0 ? all : all.filter((id) => knownIds.has(id) || id.startsWith('System.'))
}

interface Granted {
  readonly ref: ManagedObjectReference
  readonly ids: ReadonlySet<string>
}

async function grantedPrivileges(
  { session, signal }: DoctorRun,
  manager: ManagedObjectReference,
  refs: readonly ManagedObjectReference[],
  privId: readonly string[],
): Promise<Granted[]> {
  const reply = await session.withLogin(
    (login) =>
      login.call(
        'HasPrivilegeOnEntities',
        manager,
        { entity: refs, sessionId: login.key, privId },
        { signal },
      ),
    { signal },
  )
  return reply.map(({ entity, privAvailability = [] }) => ({
    ref: entity,
    ids: new Set(privAvailability.filter(({ isGranted }) => isGranted).map(({ privId: id }) => id)),
  }))
}

interface Access {
  /** On how many of the objects it is allowed. */
  readonly allowed: number
  readonly objects: number
  /** The privileges that are missing on any of them. */
  readonly missing: readonly string[]
}

function missingOf(privileges: readonly string[], objects: readonly Granted[]): Access {
  const isAllowed = ({ ids }: Granted) => privileges.every((id) => ids.has(id))
  return {
    allowed: objects.filter(isAllowed).length,
    objects: objects.length,
    missing: privileges.filter((id) => objects.some(({ ids }) => !ids.has(id))),
  }
}

function findingOf(accesses: readonly (Access & { readonly id: string })[], machines: number): Finding {
  const checked = accesses.filter(({ objects }) => objects > 0)
  const allowed = checked.filter((each) => each.missing.length === 0).map(({ id }) => id)
  const limited = checked.filter((each) => each.missing.length > 0)
  const facts = {
    machines,
    allowed,
    partly: limited.filter((each) => each.allowed > 0).map(({ id }) => id),
    denied: limited.filter((each) => each.allowed === 0).map(({ id }) => id),
    missingPrivileges: [...new Set(limited.flatMap(({ missing }) => missing))].sort(),
  }
  const found = [
    `Checked on the root folder and on ${count(machines, 'virtual machine')}.`,
    `Allowed: ${allowed.length > 0 ? allowed.join(', ') : 'nothing'}.`,
    ...limited.map(({ id, allowed: n, objects, missing }) => {
      const where = n === 0 ? 'not allowed' : `allowed on ${n} of ${count(objects, 'object')}`
      return `${id}: ${where}; missing: ${missing.join(', ')}.`
    }),
  ]
  if (limited.length === 0) return { status: 'ok', found, facts }
  // Without it, values are missing everywhere. All other operations may be withheld on purpose.
  const mayRead = allowed.includes('READ')
  const todo = mayRead
    ? 'If the gateway is to do this, add the missing privileges to the role of the account. Otherwise start it with --read-only.'
    : 'Give the account a role with System.View and System.Read, such as Read-only, on the top of the inventory, with propagation.'
  return { status: mayRead ? 'ok' : 'problem', found, todo: [todo], facts }
}
