// Login and logout, and what happens to the objects of a session.

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
  it('returns a quoted cookie that is not the session key', async () => {
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

  it('with a wrong password fails, and still sets a useless cookie', async () => {
    const connection = start().connect()
    expect(await faultOf(connection.login('user', 'wrong'))).toMatchObject({ _typeName: 'InvalidLogin' })
    expect(connection.last?.status).toBe(500)
    expect(connection.cookie).toMatch(/^vmware_soap_session="/)
    expect(await faultOf(connection.call('CurrentTime', serviceInstance, {}))).toMatchObject({
      _typeName: 'NotAuthenticated',
    })
  })

  it('on an authenticated cookie is rejected', async () => {
    const { connection } = await startLoggedIn()
    expect(await faultOf(connection.login())).toMatchObject({ _typeName: 'InvalidLogin' })
  })

  it('accepts the whole Set-Cookie header as a cookie, as pyVmomi sends it', async () => {
    const { connection } = await startLoggedIn()
    connection.cookie = String(connection.last?.headers['set-cookie'])
    await connection.call('CurrentTime', serviceInstance, {})
    connection.cookie = `other=1; ${connection.cookie?.replaceAll('"', '')}`
    await connection.call('CurrentTime', serviceInstance, {})
  })

  it.each(['Administrator@vsphere.local', 'administrator@VSPHERE.LOCAL', 'vsphere.local\\ADMINISTRATOR'])(
    'normalizes the name of a domain user as vCenter does: %s',
    async (login) => {
      const connection = start({ username: 'Administrator@vsphere.local' }).connect()
      expect((await connection.login(login)).userName).toBe('VSPHERE.LOCAL\\Administrator')
    },
  )

  it('is recorded with that name', async () => {
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
  it('is returned by currentSession to its own client, and to no other', async () => {
    const { connect, connection, session } = await startLoggedIn()
    const other = connect()
    await other.login()
    const read = async (client: typeof other) =>
      valuesOf((await client.retrieve(currentSession))?.objects?.[0]).currentSession
    expect(await read(connection)).toMatchObject({ key: session.key })
    expect(await read(other)).not.toMatchObject({ key: session.key })
    expect(await read(connect())).toBeUndefined()
    expect(await other.call('Fetch', sessionManager, { prop: 'sessionList' })).toHaveLength(2)
  })

  it('ends at logout with all its objects', async () => {
    const { simulator, connection } = await startLoggedIn()
    await viewOf(connection, 'VirtualMachine')
    await connection.call('CreatePropertyCollector', propertyCollector, {})
    expect(simulator.live).toMatchObject({ sessions: 1, views: 1, collectors: 1 })
    await connection.call('Logout', sessionManager, {})
    expect(connection.last?.text).toContain('<LogoutResponse xmlns="urn:vim25"></LogoutResponse>')
    expect(simulator.live).toMatchObject({ sessions: 0, views: 0, collectors: 0 })
  })

  it('expires after half an hour without a call, and not with calls in between', async () => {
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

  it('has views that are invisible to other sessions, with its key in their moid', async () => {
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

  it('can be terminated by another session, but not by itself', async () => {
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

  it('a read returns 200 with everything in missingSet', async () => {
    const connection = start().connect()
    const reply = await connection.retrieve(objectSpec('Folder', ['name', 'childEntity'], rootFolder))
    expect(connection.last?.status).toBe(200)
    expect(reply?.objects).toMatchObject([missing(rootFolder, 'name', 'childEntity')])
  })

  it('a read through a view reports that the view cannot be read, not an empty result', async () => {
    const { simulator, connection } = await startLoggedIn()
    const view = await viewOf(connection, 'VirtualMachine')
    simulator.faults.expireSessions()
    const reply = await connection.retrieve(viewSpec(view, 'VirtualMachine', ['name']))
    expect(reply?.objects).toMatchObject([missing(view, 'view')])
  })

  it('a read can be configured to return the fault instead', async () => {
    const { simulator, connection } = await startLoggedIn()
    simulator.faults.expireSessions('fault')
    const read = connection.retrieve(objectSpec('Folder', ['name'], rootFolder))
    expect(await faultOf(read)).toMatchObject({ _typeName: 'NotAuthenticated', object: propertyCollector })
  })

  it('Fetch returns the content, and nothing of the inventory', async () => {
    const connection = start().connect()
    expect(await connection.call('Fetch', serviceInstance, { prop: 'content' })).toMatchObject({ rootFolder })
    expect(await faultOf(connection.call('Fetch', rootFolder, { prop: 'name' }))).toMatchObject({
      _typeName: 'NotAuthenticated',
    })
  })
})
