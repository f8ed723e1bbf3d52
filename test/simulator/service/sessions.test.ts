// Logging in and out, and what becomes of what belongs to a session.

import { describe, expect, it } from 'vitest'
import type { ManagedObjectReference } from '../../../src/soap/vim-types.ts'
import {
  objectSpec,
  propertyCollector,
  rootFolder,
  serviceInstance,
  sessionManager,
  valuesOf,
  viewManager,
  viewSpec,
} from '../soap-connection.ts'
import { faultOf, start, startLoggedIn, viewOf } from '../start.ts'

const currentSession = objectSpec('SessionManager', ['currentSession'], sessionManager)

describe('a login', () => {
  it('gives a quoted cookie that is not the session key', async () => {
    const { connection, session } = await startLoggedIn()
    const cookie = String(connection.last?.headers['set-cookie'])
    expect(cookie).toMatch(/^vmware_soap_session="[0-9a-f]{40}"; Path=\/; HttpOnly; Secure;$/)
    expect(cookie).not.toContain(session.key)
    expect(session).toMatchObject({
      userName: 'user',
      locale: 'en_US',
      callCount: 0,
      extensionSession: false,
    })
  })

  it('with a wrong password fails, and still hands out a cookie that is good for nothing', async () => {
    const connection = start().connect()
    expect(await faultOf(connection.login('user', 'wrong'))).toMatchObject({ _typeName: 'InvalidLogin' })
    expect(connection.last?.status).toBe(500)
    expect(connection.cookie).toMatch(/^vmware_soap_session="/)
    expect(await faultOf(connection.call('CurrentTime', serviceInstance, {}))).toMatchObject({
      _typeName: 'NotAuthenticated',
    })
  })

  it('on a cookie that is logged in already is refused', async () => {
    const { connection } = await startLoggedIn()
    expect(await faultOf(connection.login())).toMatchObject({ _typeName: 'InvalidLogin' })
  })

  it('takes the whole Set-Cookie text back, as pyVmomi sends it', async () => {
    const { connection } = await startLoggedIn()
    connection.cookie = String(connection.last?.headers['set-cookie'])
    await connection.call('CurrentTime', serviceInstance, {})
    connection.cookie = `other=1; ${connection.cookie?.replaceAll('"', '')}`
    await connection.call('CurrentTime', serviceInstance, {})
  })

  it.each(['Administrator@vsphere.local', 'administrator@VSPHERE.LOCAL', 'vsphere.local\\ADMINISTRATOR'])(
    'names a user of a domain as vCenter does, however the name was written: %s',
    async (login) => {
      const connection = start({ username: 'Administrator@vsphere.local' }).connect()
      expect((await connection.login(login)).userName).toBe('VSPHERE.LOCAL\\Administrator')
    },
  )

  it('is known by that name', async () => {
    const connection = start({ username: 'Administrator@vsphere.local' }).connect()
    const session = await connection.login('administrator@vsphere.local')
    const args = { sessionID: session.key, userName: session.userName }
    expect(await connection.call('SessionIsActive', sessionManager, args)).toBe(true)
    expect(await connection.call('SessionIsActive', sessionManager, { ...args, sessionID: 'none' })).toBe(
      false,
    )
  })
})

describe('a session', () => {
  it('reads itself in currentSession; others read theirs, strangers nothing', async () => {
    const { connect, connection, session } = await startLoggedIn()
    const other = connect()
    await other.login()
    const read = async (who: typeof other) =>
      valuesOf((await who.retrieve(currentSession))?.objects?.[0]).currentSession
    expect(await read(connection)).toMatchObject({ key: session.key })
    expect(await read(other)).not.toMatchObject({ key: session.key })
    expect(await read(connect())).toBeUndefined()
    expect(await other.call('Fetch', sessionManager, { prop: 'sessionList' })).toHaveLength(2)
  })

  it('ends at logout with all that belongs to it', async () => {
    const { simulator, connection } = await startLoggedIn()
    await viewOf(connection, 'VirtualMachine')
    await connection.call('CreatePropertyCollector', propertyCollector, {})
    expect(simulator.live).toMatchObject({ sessions: 1, views: 1, collectors: 1 })
    await connection.call('Logout', sessionManager, {})
    expect(connection.last?.text).toContain('<LogoutResponse xmlns="urn:vim25"></LogoutResponse>')
    expect(simulator.live).toMatchObject({ sessions: 0, views: 0, collectors: 0 })
  })

  it('ends after half an hour without a call, not with calls in between', async () => {
    const { clock, connection } = await startLoggedIn()
    for (let minutes = 0; minutes < 60; minutes += 29) {
      clock.advance(29 * 60_000)
      await connection.call('CurrentTime', serviceInstance, {})
    }
    clock.advance(31 * 60_000)
    expect(await faultOf(connection.call('CurrentTime', serviceInstance, {}))).toMatchObject({
      _typeName: 'NotAuthenticated',
      object: serviceInstance,
      privilegeId: 'System.View',
    })
  })

  it('has views that no other session sees, with its key in their moid', async () => {
    const { connect, connection, session } = await startLoggedIn()
    const view = await viewOf(connection, 'VirtualMachine')
    expect(view.value).toMatch(new RegExp(`^session\\[${session.key}\\][0-9a-f-]{36}$`))
    const other = connect()
    await other.login()
    const removed = { _typeName: 'ManagedObjectNotFound', obj: view }
    expect(await faultOf(other.call('DestroyView', view, {}))).toMatchObject(removed)
    expect(await faultOf(other.retrieve(viewSpec(view, 'VirtualMachine', ['name'])))).toMatchObject(removed)
    expect(await other.call('Fetch', viewManager, { prop: 'viewList' })).toEqual([])
    expect(await connection.call('Fetch', viewManager, { prop: 'viewList' })).toEqual([view])
  })

  it('is terminated by another, but not by itself', async () => {
    const { connect, connection, session } = await startLoggedIn()
    const other = connect()
    const { key } = await other.login()
    const terminate = (...sessionId: string[]) =>
      connection.call('TerminateSession', sessionManager, { sessionId })
    expect(await faultOf(terminate(session.key))).toMatchObject({ _typeName: 'InvalidArgument' })
    expect(await faultOf(terminate('none'))).toMatchObject({ _typeName: 'NotFound' })
    await terminate(key)
    expect(await faultOf(other.call('CurrentTime', serviceInstance, {}))).toMatchObject({
      _typeName: 'NotAuthenticated',
    })
  })
})

describe('without a session', () => {
  const missing = (obj: ManagedObjectReference, ...paths: string[]) => ({
    obj,
    missingSet: paths.map((path) => ({
      path,
      fault: { fault: { _typeName: 'NotAuthenticated', object: obj } },
    })),
  })

  it('a read answers 200 with everything in missingSet', async () => {
    const connection = start().connect()
    const reply = await connection.retrieve(objectSpec('Folder', ['name', 'childEntity'], rootFolder))
    expect(connection.last?.status).toBe(200)
    expect(reply?.objects).toMatchObject([missing(rootFolder, 'name', 'childEntity')])
  })

  it('a read through a view says that the view cannot be read, never that there is nothing', async () => {
    const { simulator, connection } = await startLoggedIn()
    const view = await viewOf(connection, 'VirtualMachine')
    simulator.faults.expireSessions()
    const reply = await connection.retrieve(viewSpec(view, 'VirtualMachine', ['name']))
    expect(reply?.objects).toMatchObject([missing(view, 'view')])
  })

  it('a read can be made to answer with the fault instead', async () => {
    const { simulator, connection } = await startLoggedIn()
    simulator.faults.expireSessions('fault')
    const read = connection.retrieve(objectSpec('Folder', ['name'], rootFolder))
    expect(await faultOf(read)).toMatchObject({ _typeName: 'NotAuthenticated', object: propertyCollector })
  })

  it('Fetch shows the content, and nothing of the inventory', async () => {
    const connection = start().connect()
    expect(await connection.call('Fetch', serviceInstance, { prop: 'content' })).toMatchObject({ rootFolder })
    expect(await faultOf(connection.call('Fetch', rootFolder, { prop: 'name' }))).toMatchObject({
      _typeName: 'NotAuthenticated',
    })
  })
})
