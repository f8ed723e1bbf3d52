// Roles and permissions of the simulator: what users see, read and may call, and AuthorizationManager.

import { describe, expect, it } from 'vitest'
import type { SimulatedUser } from '../../../src/simulator/index.ts'
import type { ManagedObjectReference } from '../../../src/soap/vim-types.ts'
import {
  objectSpec,
  propertyCollector,
  rootFolder,
  searchIndex,
  valuesOf,
  viewSpec,
} from '../soap-connection.ts'
import { faultOf, startLoggedIn, viewOf } from '../start.ts'

const manager = { type: 'AuthorizationManager', value: 'AuthorizationManager' }

const users: readonly SimulatedUser[] = [
  { username: 'reader', password: 'pass', grants: [{ role: 'ReadOnly' }] },
  { username: 'operator', password: 'pass', grants: [{ role: 'VMOperator' }] },
  { username: 'half', password: 'pass', grants: [{ role: 'ReadOnly', on: '/Frankfurt' }] },
  {
    username: 'both',
    password: 'pass',
    grants: [{ role: 'ReadOnly' }, { role: 'VMOperator', on: '/Frankfurt/vm/Production/Web' }],
  },
  { username: 'newcomer', password: 'pass', grants: [] },
]

async function start() {
  const started = await startLoggedIn({ users })
  return {
    ...started,
    async as(user: string) {
      const connection = started.connect()
      const session = await connection.login(user, 'pass')
      return { connection, session }
    },
    vm: (name: string) => started.simulator.inventory.machine(name).ref,
  }
}

const named = (simulator: Awaited<ReturnType<typeof start>>['simulator'], name: string) =>
  [...simulator.objects.all()].find((each) => each.get('name') === name)?.ref as ManagedObjectReference

describe('what a user sees', () => {
  it('is a part of the inventory, and the names of the objects above it', async () => {
    const { simulator, as, vm } = await start()
    const { connection } = await as('half')
    const machines = await connection.retrieve(
      viewSpec(await viewOf(connection, 'VirtualMachine'), 'VirtualMachine', ['name']),
    )
    const names = machines?.objects?.map((each) => valuesOf(each).name)
    expect(names).toContain('web-01')
    expect(names).not.toContain('wiki-01')
    const found = (inventoryPath: string) =>
      connection.call('FindByInventoryPath', searchIndex, { inventoryPath })
    expect(await found('/Frankfurt/vm/Production/Web/web-01')).toEqual(vm('web-01'))
    expect(await found('/Oregon')).toBeUndefined()
    const spec = objectSpec('Folder', ['name', 'effectiveRole', 'overallStatus'], rootFolder)
    const [root] = (await connection.retrieve(spec))?.objects ?? []
    expect(valuesOf(root)).toEqual({ name: 'Datacenters', effectiveRole: [-3] })
    expect(root?.missingSet).toMatchObject([
      { path: 'overallStatus', fault: { fault: { _typeName: 'NoPermission', privilegeId: 'System.Read' } } },
    ])
    const hidden = named(simulator, 'Oregon')
    expect(await faultOf(connection.retrieve(objectSpec('Datacenter', ['name'], hidden)))).toMatchObject({
      _typeName: 'ManagedObjectNotFound',
      obj: hidden,
    })
  })

  it('changes with a permission, also in views that are open', async () => {
    const { simulator, as } = await start()
    const { connection } = await as('half')
    const spec = viewSpec(await viewOf(connection, 'Datacenter'), 'Datacenter', ['name'])
    const datacenters = async () =>
      (await connection.retrieve(spec))?.objects?.map((each) => valuesOf(each).name)
    expect(await datacenters()).toEqual(['Frankfurt'])
    simulator.authorization.grant('half', { role: 'ReadOnly', on: '/Oregon' })
    expect(await datacenters()).toEqual(['Frankfurt', 'Oregon'])
  })

  it('is nothing without a permission: the login is rejected', async () => {
    const { connect } = await start()
    expect(await faultOf(connect().login('newcomer', 'pass'))).toMatchObject({
      _typeName: 'NoPermission',
      privilegeId: 'System.View',
    })
  })
})

describe('the roles on an object', () => {
  it.each([
    ['user', 'web-01', [-1]],
    ['reader', 'web-01', [-2]],
    ['half', 'web-01', [-2]],
    // By the folder of the machine, and by its resource pool.
    ['both', 'web-01', [1001, -2]],
    ['both', 'db-01', [-2]],
  ])('of %s on %s are %j', async (user, name, roles) => {
    const { as, vm } = await start()
    const { connection } = await as(user)
    const spec = objectSpec('VirtualMachine', ['effectiveRole'], vm(name))
    expect(valuesOf((await connection.retrieve(spec))?.objects?.[0])).toEqual({ effectiveRole: roles })
  })

  it('are those of the nearest permission: no access on one machine hides it', async () => {
    const { simulator, as, vm } = await start()
    simulator.authorization.grant('reader', { role: 'NoAccess', on: vm('web-01') })
    const { connection } = await as('reader')
    const read = (name: string) => connection.retrieve(objectSpec('VirtualMachine', ['name'], vm(name)))
    expect(await faultOf(read('web-01'))).toMatchObject({ _typeName: 'ManagedObjectNotFound' })
    expect((await read('web-02'))?.objects).toHaveLength(1)
  })

  it('do not come from a permission above that does not propagate', async () => {
    const { simulator, as } = await start()
    simulator.authorization.grant('half', { role: 'Admin', on: '/Frankfurt', propagate: false })
    const { connection } = await as('half')
    const rolesOf = async (ref: ManagedObjectReference) =>
      valuesOf((await connection.retrieve(objectSpec(ref.type, ['effectiveRole'], ref)))?.objects?.[0])
        .effectiveRole
    const frankfurt = named(simulator, 'Frankfurt')
    expect(await rolesOf(frankfurt)).toEqual([-1])
    expect(await faultOf(rolesOf(named(simulator, 'Production')))).toMatchObject({
      _typeName: 'ManagedObjectNotFound',
    })
  })
})

describe('a method', () => {
  it('needs its privilege on its object, and the fault names both', async () => {
    const { as, vm } = await start()
    const { connection } = await as('reader')
    const args = { name: 'x', memory: false, quiesce: false }
    expect(await faultOf(connection.call('CreateSnapshot_Task', vm('web-01'), args))).toEqual({
      _typeName: 'NoPermission',
      object: vm('web-01'),
      privilegeId: 'VirtualMachine.State.CreateSnapshot',
      missingPrivileges: [
        {
          _typeName: 'NoPermissionEntityPrivileges',
          entity: vm('web-01'),
          privilegeIds: ['VirtualMachine.State.CreateSnapshot'],
        },
      ],
    })
  })

  it('of an operator changes power and snapshots, not the configuration', async () => {
    const { as, vm } = await start()
    const { connection } = await as('operator')
    expect(await connection.call('PowerOffVM_Task', vm('web-01'), {})).toMatchObject({ type: 'Task' })
    const spec = { changeTrackingEnabled: true, numCPUs: 2 }
    expect(await faultOf(connection.call('ReconfigVM_Task', vm('web-02'), { spec }))).toMatchObject({
      missingPrivileges: [
        { privilegeIds: ['VirtualMachine.Config.CPUCount', 'VirtualMachine.Config.ChangeTracking'] },
      ],
    })
  })

  it('cancels the own tasks of a user, and those of others with Global.CancelTask', async () => {
    const { connection: administrator, as, vm } = await start()
    const { connection } = await as('both')
    const task = await administrator.call('PowerOffVM_Task', vm('web-01'), {})
    expect(await faultOf(connection.call('CancelTask', task, {}))).not.toMatchObject({
      privilegeId: 'Global.CancelTask',
    })
    const other = await administrator.call('PowerOffVM_Task', vm('mail-01'), {})
    expect(await faultOf(connection.call('CancelTask', other, {}))).toMatchObject({
      privilegeId: 'Global.CancelTask',
      object: vm('mail-01'),
    })
  })
})

describe('AuthorizationManager', () => {
  it('lists roles with their privileges', async () => {
    const { connection } = await start()
    const [content] =
      (await connection.retrieve(objectSpec('AuthorizationManager', ['roleList', 'privilegeList'], manager)))
        ?.objects ?? []
    const { roleList, privilegeList } = valuesOf(content) as {
      roleList: { roleId: number; name: string; privilege?: string[] }[]
      privilegeList: { privId: string }[]
    }
    expect(roleList.map(({ roleId, name }) => [roleId, name])).toEqual([
      [-5, 'NoAccess'],
      [-4, 'Anonymous'],
      [-3, 'View'],
      [-2, 'ReadOnly'],
      [-1, 'Admin'],
      [1001, 'VMOperator'],
    ])
    const ids = privilegeList.map(({ privId }) => privId)
    expect(roleList.find(({ name }) => name === 'Admin')?.privilege).toEqual(ids)
    for (const { privilege = [] } of roleList) expect(ids).toEqual(expect.arrayContaining(privilege))
  })

  it('reports the privileges of a session, of another user, and none of an unknown session', async () => {
    const { connection, session, as, vm } = await start()
    const { session: readers } = await as('reader')
    const privId = ['System.Read', 'VirtualMachine.Interact.PowerOn', 'No.Such.Privilege']
    const entity = [vm('web-01'), vm('db-01')]
    const granted = async (sessionId: string) =>
      (await connection.call('HasPrivilegeOnEntities', manager, { entity, sessionId, privId })).map(
        (each) => [each.entity.value, each.privAvailability?.map(({ isGranted }) => isGranted)],
      )
    const of = (...values: boolean[]) => entity.map(({ value }) => [value, values])
    expect(await granted(session.key)).toEqual(of(true, true, false))
    expect(await granted(readers.key)).toEqual(of(true, false, false))
    expect(await granted('no-such-session')).toEqual(of(false, false, false))
    const entities = [vm('web-01')]
    const [fetched] = await connection.call('FetchUserPrivilegeOnEntities', manager, {
      entities,
      userName: 'reader',
    })
    expect([...(fetched?.privileges ?? [])].sort()).toEqual([
      'System.Anonymous',
      'System.Read',
      'System.View',
    ])
    const [checked] = await connection.call('HasUserPrivilegeOnEntities', manager, {
      entities,
      userName: 'operator',
      privId: ['VirtualMachine.Interact.PowerOn'],
    })
    expect(checked?.privAvailability?.[0]?.isGranted).toBe(true)
  })

  it('fails as a whole for an object that does not exist, or that the caller may not read', async () => {
    const { as, vm } = await start()
    const { connection, session } = await as('half')
    const check = (...entity: ManagedObjectReference[]) =>
      connection.call('HasPrivilegeOnEntities', manager, { entity, sessionId: session.key, privId: [] })
    expect(await check(vm('web-01'))).toHaveLength(1)
    expect(await faultOf(check(vm('web-01'), { type: 'VirtualMachine', value: 'vm-9999' }))).toMatchObject({
      _typeName: 'ManagedObjectNotFound',
    })
    expect(await faultOf(check(vm('web-01'), rootFolder))).toMatchObject({
      _typeName: 'NoPermission',
      object: rootFolder,
      privilegeId: 'System.Read',
    })
  })

  it('adds, changes and removes roles and permissions', async () => {
    const { connection, as, vm, simulator } = await start()
    const frankfurt = named(simulator, 'Frankfurt')
    const privIds = ['VirtualMachine.Interact.PowerOn']
    const roleId = await connection.call('AddAuthorizationRole', manager, { name: 'Starter', privIds })
    const permission = { principal: 'reader', group: false, roleId, propagate: true }
    await connection.call('SetEntityPermissions', manager, { entity: frankfurt, permission: [permission] })
    const { session } = await as('reader')
    const check = { entity: vm('web-01'), sessionId: session.key, privId: privIds }
    expect(await connection.call('HasPrivilegeOnEntity', manager, check)).toEqual([true])
    const inherited = await connection.call('RetrieveEntityPermissions', manager, {
      entity: vm('web-01'),
      inherited: true,
    })
    expect(inherited.filter(({ principal }) => principal === 'reader')).toMatchObject([
      { entity: frankfurt, roleId },
    ])
    expect(await connection.call('RetrieveRolePermissions', manager, { roleId })).toHaveLength(1)
    expect(
      await faultOf(connection.call('RemoveAuthorizationRole', manager, { roleId, failIfUsed: true })),
    ).toMatchObject({ _typeName: 'RemoveFailed' })
    await connection.call('RemoveEntityPermission', manager, {
      entity: frankfurt,
      user: 'reader',
      isGroup: false,
    })
    await connection.call('UpdateAuthorizationRole', manager, { roleId, newName: 'Stopper', privIds: [] })
    await connection.call('RemoveAuthorizationRole', manager, { roleId, failIfUsed: true })
    expect(await faultOf(connection.call('RetrieveRolePermissions', manager, { roleId }))).toMatchObject({
      _typeName: 'NotFound',
    })
  })

  it('rejects permissions of unknown users and groups, and keeps one administrator', async () => {
    const { connection } = await start()
    const set = (principal: string, group: boolean, roleId = -2) =>
      faultOf(
        connection.call('SetEntityPermissions', manager, {
          entity: rootFolder,
          permission: [{ principal, group, roleId, propagate: true }],
        }),
      )
    expect(await set('stranger', false)).toMatchObject({ _typeName: 'UserNotFound', principal: 'stranger' })
    expect(await set('reader', true)).toMatchObject({ _typeName: 'UserNotFound' })
    expect(await set('reader', false, 4711)).toMatchObject({ _typeName: 'NotFound' })
    expect(await set('reader', false, -3)).toMatchObject({ _typeName: 'InvalidArgument' })
    expect(await set('user', false)).toMatchObject({ _typeName: 'AuthMinimumAdminPermission' })
  })

  it('is for administrators: a reader changes no role and no permission', async () => {
    const { as } = await start()
    const { connection } = await as('reader')
    expect(
      await faultOf(connection.call('AddAuthorizationRole', manager, { name: 'x', privIds: [] })),
    ).toMatchObject({ privilegeId: 'Authorization.ModifyRoles', object: rootFolder })
    expect(
      await faultOf(
        connection.call('RemoveEntityPermission', manager, {
          entity: rootFolder,
          user: 'user',
          isGroup: false,
        }),
      ),
    ).toMatchObject({ privilegeId: 'Authorization.ModifyPermissions', object: rootFolder })
  })
})

it('reads properties by the privilege that each needs, one by one as well', async () => {
  const { as } = await start()
  const { connection } = await as('half')
  expect(await connection.call('Fetch', rootFolder, { prop: 'name' })).toBe('Datacenters')
  expect(await faultOf(connection.call('Fetch', rootFolder, { prop: 'permission' }))).toMatchObject({
    privilegeId: 'System.Read',
  })
  const sessions = { type: 'SessionManager', value: 'SessionManager' }
  const spec = objectSpec('SessionManager', ['sessionList'], sessions)
  const result = await connection.call('RetrievePropertiesEx', propertyCollector, {
    specSet: [spec],
    options: {},
  })
  expect(result?.objects?.[0]?.missingSet).toMatchObject([
    { fault: { fault: { privilegeId: 'Sessions.TerminateSession' } } },
  ])
})
