// GraphiQL under --auth vsphere: the browser prompts for the user name and password.

import { describe, expect, it, onTestFinished } from 'vitest'
import { chromiumPath, openInChromium } from '../../browser.ts'
import { graphiqlOn } from '../../graphiql.ts'
import { authorizationOf, passwords, startPerUserGateway } from '../../server/auth/users.ts'

describe.skipIf(chromiumPath === undefined)('GraphiQL of a user', () => {
  async function open(username: string, password: string) {
    const gateway = await startPerUserGateway()
    const opened = await openInChromium(gateway.url, { username, password })
    onTestFinished(() => opened.close())
    return { gateway, opened, graphiql: graphiqlOn(opened.page) }
  }

  it("answers queries and runs a subscription in the user's session", async () => {
    const { gateway, opened, graphiql } = await open('bob', passwords.bob)
    await graphiql.open('InventoryAtAGlance')
    await graphiql.run()
    await expect.poll(graphiql.visibleResponse, { timeout: 20_000 }).toContain('"name": "Frankfurt"')
    await graphiql.open('InventoryLive')
    await graphiql.run()
    await expect.poll(graphiql.visibleResponse, { timeout: 20_000 }).toContain('"initial": false')
    const change =
      'mutation { createSnapshot(input: { virtualMachine: { name: "web-02" }, name: "shown-live" }) { task { state } } }'
    expect((await gateway.execute(authorizationOf('alice'), change)).result.errors).toBeUndefined()
    await expect.poll(graphiql.visibleResponse, { timeout: 20_000 }).toContain('shown-live')
    await graphiql.stop()
    const loggedIn = gateway.lines.filter((line) => line.includes('logged in as'))
    expect(loggedIn.map((line) => /logged in as (\w+)/.exec(line)?.[1])).toEqual(['bob', 'alice'])
    const stored = await opened.page.evaluate(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])',
    )
    expect(stored).not.toContain(passwords.bob)
    expect(opened.foreignRequests).toEqual([])
  }, 90_000)

  it('shows an error for a wrong password, and tries it only once in several runs', async () => {
    const { gateway, graphiql } = await open('bob', 'of yesterday')
    await graphiql.open('InventoryAtAGlance')
    for (let time = 0; time < 6; time += 1) {
      const request = await graphiql.run()
      expect((await request.response())?.status()).toBe(401)
    }
    await expect
      .poll(graphiql.visibleResponse, { timeout: 20_000 })
      .toContain('the vCenter rejected this user name')
    expect(await graphiql.visibleResponse()).toContain('15 minutes')
    expect(gateway.called('Login')).toBe(1)
    expect(gateway.lines.join('\n')).not.toContain('of yesterday')
  }, 90_000)
})
