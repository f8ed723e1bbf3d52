// ManagedEntity.can: roles and privileges, the state of objects, and the one call that checks all of them.

import type { GraphQLEnumType } from 'graphql'
import { describe, expect, it, onTestFinished } from 'vitest'
import { buildSchema } from '../../../src/schema/schema.ts'
import type { SimulatedUser } from '../../../src/simulator/index.ts'
import type { TestGateway } from '../../test-gateway.ts'
import { startGateway } from '../../test-gateway.ts'

const users: readonly SimulatedUser[] = [
  { username: 'reader', password: 'pass', grants: [{ role: 'ReadOnly' }] },
  { username: 'operator', password: 'pass', grants: [{ role: 'VMOperator' }] },
  { username: 'half', password: 'pass', grants: [{ role: 'VMOperator', on: '/Frankfurt' }] },
  {
    username: 'below',
    password: 'pass',
    grants: [{ role: 'ReadOnly' }, { role: 'Admin', on: '/Frankfurt' }],
  },
  {
    username: 'above',
    password: 'pass',
    grants: [{ role: 'VMOperator' }, { role: 'ReadOnly', on: '/Frankfurt' }],
  },
  { username: 'only', password: 'pass', grants: [{ role: 'Admin', on: '/Frankfurt' }] },
]

function start(options: Parameters<typeof startGateway>[0] = {}): TestGateway {
  const gateway = startGateway({ users, ...options })
  onTestFinished(() => gateway.close())
  return gateway
}

interface Access {
  readonly action: string
  readonly allowed: boolean | null
  readonly missingPrivileges: readonly string[]
  readonly requiredRole: string | null
  readonly blockedByState: boolean | null
}

const fields = '{ action allowed missingPrivileges requiredRole blockedByState }'

async function canOn(gateway: TestGateway, name: string, actions?: string): Promise<Access[]> {
  const { data, errors } = await gateway.execute(
    `{ virtualMachine(by: { name: "${name}" }) { can${actions ? `(actions: ${actions})` : ''} ${fields} } }`,
  )
  expect(errors).toBeUndefined()
  return data?.virtualMachine.can
}

const checks = ({ simulator }: TestGateway) =>
  simulator.calls.filter(({ method }) => method === 'HasPrivilegeOnEntities')

describe('the actions', () => {
  it('are those of the mutations and of the power actions', () => {
    const schema = buildSchema()
    const upper = (field: string) => field.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
    const mutations = Object.keys(schema.getMutationType()?.getFields() ?? {})
    const valuesOf = (type: string) =>
      (schema.getType(type) as GraphQLEnumType).getValues().map(({ name }) => name)
    const powerActions = valuesOf('PowerAction')
    expect(powerActions).toContain('SHUTDOWN_GUEST')
    const expected = [
      ...mutations.filter((field) => field !== 'cancelTask' && field !== 'changePower').map(upper),
      ...powerActions,
    ]
    expect(valuesOf('Action')).toEqual(expected.sort())
  })

  it('are by default those that apply to the type of the object', async () => {
    const gateway = start()
    const { data } = await gateway.execute(
      '{ hosts(first: 1) { nodes { can { action } some: can(actions: [RESET, ATTACH_TAG]) { action } } } }',
    )
    const [host] = data.hosts.nodes
    expect(host.can.map(({ action }: Access) => action)).toEqual([
      'ACKNOWLEDGE_ALARM',
      'ATTACH_TAG',
      'DETACH_TAG',
      'SET_CUSTOM_ATTRIBUTE',
    ])
    expect(host.some).toEqual([{ action: 'ATTACH_TAG' }])
    expect(checks(gateway)).toHaveLength(1)
  })
})

describe('an action', () => {
  it('is allowed to an administrator, whatever the state is', async () => {
    const access = await canOn(start(), 'web-01')
    expect(access.length).toBeGreaterThan(10)
    for (const each of access)
      expect(each).toMatchObject({ allowed: true, missingPrivileges: [], requiredRole: null })
  })

  it('is not allowed without its privilege, which is named', async () => {
    const actions = '[POWER_OFF, SET_CHANGE_TRACKING, ATTACH_TAG]'
    expect(await canOn(start({ gatewayUser: 'operator' }), 'web-01', actions)).toEqual([
      {
        action: 'POWER_OFF',
        allowed: true,
        missingPrivileges: [],
        requiredRole: null,
        blockedByState: false,
      },
      {
        action: 'SET_CHANGE_TRACKING',
        allowed: false,
        missingPrivileges: ['VirtualMachine.Config.ChangeTracking'],
        requiredRole: null,
        blockedByState: false,
      },
      {
        action: 'ATTACH_TAG',
        allowed: false,
        missingPrivileges: [
          'InventoryService.Tagging.AttachTag',
          'InventoryService.Tagging.ObjectAttachable',
        ],
        requiredRole: null,
        blockedByState: false,
      },
    ])
  })

  it.each(['below', 'only'])(
    'on tags needs the privilege on the root folder, as the tag does: %s',
    async (gatewayUser) => {
      const gateway = start({ gatewayUser })
      expect(await canOn(gateway, 'web-01', '[ATTACH_TAG, POWER_OFF]')).toMatchObject([
        { allowed: false, missingPrivileges: ['InventoryService.Tagging.AttachTag'] },
        { allowed: true, missingPrivileges: [] },
      ])
      expect(checks(gateway).length).toBeLessThanOrEqual(2)
      const { data } = await gateway.execute('{ virtualMachine(by: { name: "web-01" }) { id } }')
      const attached = await gateway.execute(
        'mutation ($id: ID!) { attachTag(input: { tag: { name: { category: "backup", name: "weekly" } }, entities: [$id] }) { results { error { code } } } }',
        { id: data.virtualMachine.id },
      )
      expect(attached.data.attachTag.results).toEqual([{ error: { code: 'FORBIDDEN' } }])
    },
  )

  it.each([
    ['half', false],
    ['below', false],
    ['above', true],
  ] as const)(
    'on alarms needs the privilege on the root folder, as the alarm does: %s',
    async (gatewayUser, isAllowed) => {
      const gateway = start({ gatewayUser })
      gateway.simulator.alarms.trigger(
        'Virtual machine memory usage',
        gateway.simulator.inventory.machine('web-01').ref,
      )
      expect(await canOn(gateway, 'web-01', '[ACKNOWLEDGE_ALARM]')).toMatchObject([
        { allowed: isAllowed, missingPrivileges: isAllowed ? [] : ['Alarm.Acknowledge'] },
      ])
      const { data } = await gateway.execute(
        '{ virtualMachine(by: { name: "web-01" }) { triggeredAlarms { id } } }',
      )
      const { errors = [] } = await gateway.execute(
        'mutation ($alarm: ID!) { acknowledgeAlarm(input: { alarm: $alarm }) { alarm { acknowledged } } }',
        { alarm: data.virtualMachine.triggeredAlarms[0].id },
      )
      expect(errors.map(({ extensions }) => extensions.code)).toEqual(isAllowed ? [] : ['FORBIDDEN'])
    },
  )

  it('is not allowed with --read-only, and no role is promised to help', async () => {
    expect(await canOn(start({ role: 'operator', readOnly: true }), 'web-01', '[POWER_ON]')).toMatchObject([
      { allowed: false, missingPrivileges: [], requiredRole: null },
    ])
  })

  it('is not allowed without its role in the gateway, even to an administrator', async () => {
    const actions = '[POWER_ON, CREATE_SNAPSHOT]'
    const accessAs = async (role: 'reader' | 'power') =>
      (await canOn(start({ role }), 'web-01', actions)).map(({ allowed, requiredRole }) => [
        allowed,
        requiredRole,
      ])
    expect(await accessAs('reader')).toEqual([
      [false, 'POWER'],
      [false, 'OPERATOR'],
    ])
    expect(await accessAs('power')).toEqual([
      [true, null],
      [false, 'OPERATOR'],
    ])
  })

  it('is blocked by a state that rules it out', async () => {
    const gateway = start()
    const blocked = async (name: string) =>
      (await canOn(gateway, name, '[POWER_ON, POWER_OFF, SHUTDOWN_GUEST, RENAME_SNAPSHOT]')).map(
        ({ blockedByState }) => blockedByState,
      )
    expect(await blocked('web-01')).toEqual([true, false, false, false])
    gateway.simulator.inventory.vm('web-01').set('disabledMethod', ['PowerOffVM_Task', 'ShutdownGuest'])
    expect(await blocked('web-01')).toEqual([false, true, true, false])
  })

  it.each([
    ['a template', 'ubuntu-24.04', false],
    ['an inaccessible machine', 'legacy-01', true],
  ])('is blocked by the state of %s', async (_, name, isReconfigureBlocked) => {
    const actions = '[CREATE_SNAPSHOT, POWER_ON, REVERT_TO_SNAPSHOT, SET_CHANGE_TRACKING]'
    expect((await canOn(start(), name, actions)).map(({ blockedByState }) => blockedByState)).toEqual([
      true,
      true,
      true,
      isReconfigureBlocked,
    ])
  })

  it('is neither allowed nor denied on a server that cannot check privileges, as an ESXi host', async () => {
    const gateway = start()
    const content = gateway.simulator.objects
      .find({ type: 'ServiceInstance', value: 'ServiceInstance' })
      ?.get('content') as { about: { apiType: string } }
    content.about.apiType = 'HostAgent'
    expect(await canOn(gateway, 'web-01', '[POWER_ON]')).toMatchObject([
      { allowed: null, missingPrivileges: [], blockedByState: true },
    ])
    expect(checks(gateway)).toEqual([])
  })

  it('needs no privilege that the vCenter does not know', async () => {
    const gateway = start()
    const manager = gateway.simulator.objects.find({
      type: 'AuthorizationManager',
      value: 'AuthorizationManager',
    })
    const list = manager?.get('privilegeList') as { privId: string }[]
    const isOld = ({ privId }: { privId: string }) => privId !== 'InventoryService.Tagging.ObjectAttachable'
    manager?.set('privilegeList', list.filter(isOld))
    const admin = gateway.simulator.authorization.permissions.roles.get(-1)
    const privileges = new Set([...(admin?.privileges ?? [])].filter((privId) => isOld({ privId })))
    if (admin) gateway.simulator.authorization.permissions.setRole({ ...admin, privileges })
    expect(await canOn(gateway, 'web-01', '[ATTACH_TAG]')).toMatchObject([
      { allowed: true, missingPrivileges: [] },
    ])
    // A vCenter may also reject a privilege that it does not know.
    gateway.simulator.faults.fault('InvalidArgument', { method: 'HasPrivilegeOnEntities', times: 1 })
    expect(await canOn(gateway, 'web-01', '[ATTACH_TAG]')).toMatchObject([{ allowed: true }])
  })
})

describe('the check', () => {
  it('is one call for all objects and fields of an operation, with the key of the session', async () => {
    const gateway = start({ vms: 500 })
    const query = `{ virtualMachines(first: 500) { nodes { can ${fields} host { can(actions: [ATTACH_TAG]) ${fields} } } } }`
    const { data, errors } = await gateway.execute(query)
    expect(errors).toBeUndefined()
    expect(data.virtualMachines.nodes).toHaveLength(500)
    expect(checks(gateway)).toHaveLength(1)
    const [{ args, sessionKey } = { args: {}, sessionKey: undefined }] = checks(gateway)
    const {
      entity,
      sessionId,
      privId: privileges,
    } = args as {
      readonly entity: readonly unknown[]
      readonly sessionId: string
      readonly privId: readonly string[]
    }
    expect(entity.length).toBeGreaterThan(500)
    expect(sessionId).toBe(sessionKey)
    expect(new Set(privileges).size).toBe(privileges.length)
  })

  it('leaves out objects without System.Read, on which nothing is allowed', async () => {
    const gateway = start({ gatewayUser: 'half' })
    const { data, errors } = await gateway.execute(
      `{ virtualMachine(by: { name: "web-01" }) { can(actions: [ATTACH_TAG, POWER_OFF]) ${fields} datacenter { folder: name parent: path } } search(text: "Datacenters") { nodes { name } } }`,
    )
    expect(errors).toBeUndefined()
    expect(data.virtualMachine.can).toMatchObject([{ allowed: false }, { allowed: true }])
    gateway.simulator.authorization.grant('half', {
      role: 'View',
      on: gateway.simulator.inventory.vm('web-01').ref,
    })
    const both = await gateway.execute(
      `{ virtualMachines(filter: { name: { in: ["web-01", "web-02"] } }) { nodes { name can(actions: [POWER_OFF]) ${fields} } } }`,
    )
    expect(both.data.virtualMachines.nodes).toMatchObject([
      {
        name: 'web-01',
        can: [{ allowed: false, missingPrivileges: ['System.Read'], blockedByState: null }],
      },
      { name: 'web-02', can: [{ allowed: true }] },
    ])
  })

  it('leaves out an object that was removed in the meantime, whose field is an error', async () => {
    const gateway = start()
    const pause = gateway.simulator.faults.pause({ method: 'HasPrivilegeOnEntities' })
    const answer = gateway.execute(
      '{ virtualMachines(filter: { name: { in: ["web-01", "web-02"] } }) { nodes { name can(actions: [POWER_OFF]) { allowed } } } }',
    )
    await pause.waitFor(1)
    gateway.simulator.objects.remove(gateway.simulator.inventory.vm('web-01').ref)
    pause.release()
    const { data, errors } = await answer
    expect(data?.virtualMachines.nodes).toEqual([
      { name: 'web-01', can: null },
      { name: 'web-02', can: [{ allowed: true }] },
    ])
    expect(errors).toMatchObject([
      { path: ['virtualMachines', 'nodes', 0, 'can'], extensions: { code: 'NOT_FOUND' } },
    ])
    expect(checks(gateway)).toHaveLength(2)
  })

  it('fails for all objects with one error', async () => {
    const gateway = start()
    gateway.simulator.faults.fault(
      { _typeName: 'SystemError', reason: 'x' },
      { method: 'HasPrivilegeOnEntities' },
    )
    const { data, errors } = await gateway.execute(
      '{ virtualMachines(first: 3) { nodes { can { allowed } } } }',
    )
    expect(data?.virtualMachines.nodes).toEqual([{ can: null }, { can: null }, { can: null }])
    expect(errors).toMatchObject([{ extensions: { code: 'VSPHERE_FAULT', count: 3 } }])
  })
})
