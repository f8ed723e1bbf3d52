// Creates the role of docs/authentication.md with the documented commands; vcsim rejects privileges that a vCenter does not have.

import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { blocks, read } from '../../docs/markdown.ts'
import { govcAt, linesOf } from '../govc.ts'
import { govc, vcsim } from '../tools.ts'
import { startVcsim } from '../vcsim.ts'

it.skipIf(!vcsim || !govc)(
  'creates the account and its role as documented in docs/authentication.md',
  async () => {
    const { url, stop } = await startVcsim()
    onTestFinished(stop)
    const docs = read('docs/authentication.md')
    const commands = blocks(docs, 'bash').find((block) => block.includes('govc role.create')) ?? ''
    const env = {
      PATH: `${dirname(govc ?? '')}:${process.env.PATH}`,
      HOME: process.env.HOME,
      GOVC_URL: url,
      GOVC_INSECURE: '1',
      GOVC_PERSIST_SESSION: 'false',
    }
    const run = promisify(execFile)('bash', ['-e', '-c', commands], { env })
    run.child.stdin?.end('Correct-horse-1\n')
    await run

    const administrator = govcAt(url)
    const [, named = ''] = /govc role\.create vsphere-graphql (.*?)\ngovc/s.exec(commands) ?? []
    const wanted = [...named.matchAll(/\w+(?:\.\w+)+/g)].map(([privilege]) => privilege)
    const system = ['System.Anonymous', 'System.Read', 'System.View']
    expect(wanted.length).toBeGreaterThan(3)
    expect(linesOf(await administrator('role.ls', 'vsphere-graphql')).sort()).toEqual(
      [...wanted, ...system].sort(),
    )
    expect(await administrator('permissions.ls', '/')).toMatch(
      /vsphere-graphql +\S+ +gateway@vsphere\.local +Yes/,
    )

    const [, table = ''] = docs.split('\n## vCenter account and privileges\n')
    const rows = table.split('\n\n').find((text) => text.startsWith('| to |')) ?? ''
    const all = [...rows.matchAll(/\b[A-Z]\w+(?:\.[A-Z]\w+)+/g)].map(([privilege]) => privilege)
    expect(all).toContain('Global.CancelTask')
    await administrator('role.create', 'all-that-is-named', ...new Set(all))
  },
)
