// Checks the sessions of this account on the vCenter, and vAPI, which serves tags.

import { Tagging } from '../../vapi/tagging.ts'
import { VapiError } from '../../vapi/vapi-error.ts'
import { serviceInstance } from '../../vim25/session/established-login.ts'
import { type Check, count, isHost, known } from '../check.ts'
import { describeFailure, safeTypeName } from '../failure.ts'
import { readProperties } from './read-properties.ts'

/** A gateway has one session, or one for each user who is active. More of one account are probably left behind. */
const maxOwnSessions = 20
const idleMs = 30 * 60_000

interface UserSession {
  readonly key: string
  readonly userName: string
  readonly userAgent?: string
  readonly lastActiveTime: Date
}

export const sessionsCheck: Check = {
  id: 'sessions',
  title: 'Sessions',
  needs: ['login'],
  async run(run) {
    const manager = known(known(run.content).sessionManager)
    const [read] = await readProperties(run, [manager], 'SessionManager', ['sessionList'])
    const sessions = read?.values.get('sessionList') as readonly UserSession[] | undefined
    if (!sessions) {
      const fault = read?.faults.get('sessionList')
      return {
        status: 'unknown',
        found: [
          `The account may not list sessions${fault === undefined ? '' : `: vSphere raised ${safeTypeName(fault)}`}. The gateway does not need to.`,
        ],
        todo: ['To count sessions that were left behind, run doctor once as an administrator.'],
      }
    }
    const login = await run.session.ensureLogin({ signal: run.signal })
    const { key, userName } = login
    // Times of sessions are by the clock of the vCenter.
    const now = await login.call('CurrentTime', serviceInstance, {}, { signal: run.signal })
    const others = sessions.filter((each) => each.key !== key)
    const ofUser = others.filter((each) => each.userName.toLowerCase() === userName.toLowerCase())
    const ofProgram = others.filter(({ userAgent }) => userAgent?.startsWith('vsphere-graphql/'))
    const ofBoth = ofUser.filter((each) => ofProgram.includes(each))
    const idle = ofBoth.filter(({ lastActiveTime }) => lastActiveTime.getTime() < now.getTime() - idleMs)
    const facts = {
      all: others.length,
      ofUser: ofUser.length,
      ofProgram: ofProgram.length,
      ofUserAndProgram: ofBoth.length,
      idle: idle.length,
    }
    const found = [
      others.length === 0
        ? 'There is no other session.'
        : `Besides this one there ${others.length === 1 ? 'is' : 'are'} ${count(others.length, 'session')}. Of these, ${ofBoth.length} ${ofBoth.length === 1 ? 'is' : 'are'} of this program with this account (${idle.length} without a call in 30 minutes), ${ofProgram.length - ofBoth.length} of this program with other accounts, ${ofUser.length - ofBoth.length} of other programs with this account, and ${others.length - ofUser.length - ofProgram.length + ofBoth.length} of others.`,
    ]
    if (ofBoth.length <= maxOwnSessions) return { status: 'ok', found, facts }
    return {
      status: 'problem',
      found,
      todo: [
        'Stop gateways with SIGTERM, so that they log out, and compare the number with that of running gateways. vCenter ends sessions without calls after its idle timeout.',
      ],
      facts,
    }
  },
}

export const vapiCheck: Check = {
  id: 'vapi',
  title: 'vAPI (tags)',
  needs: ['login'],
  async run(run) {
    if (isHost(run)) return { status: 'skipped', found: ['An ESXi host has no vAPI, hence no tags.'] }
    try {
      const tagging = new Tagging(run.vapi)
      const categories = await tagging.categoryIds({ signal: run.signal })
      const tags = await tagging.tagIds({ signal: run.signal })
      const generation = run.vapi.generation ?? null
      return {
        status: 'ok',
        found: [
          `The vCenter serves /${generation} and accepts the account: ${count(categories.length, 'category', 'categories')}, ${count(tags.length, 'tag')}.`,
        ],
        facts: { generation, categories: categories.length, tags: tags.length },
      }
    } catch (error) {
      if (run.signal.aborted || describeFailure(error) === undefined) throw error
      const code = error instanceof VapiError ? error.code : 'UNREACHABLE'
      return {
        status: 'problem',
        found: [vapiProblems[code]?.found ?? `Tags cannot be read: ${describeFailure(error)}.`],
        todo: [
          vapiProblems[code]?.todo ??
            'Check the vAPI endpoint service of vCenter. All fields but those of tags work without it.',
        ],
        facts: { code },
        stops: true,
      }
    }
  },
}

const vapiProblems: Readonly<Record<string, { readonly found: string; readonly todo: string }>> = {
  ABSENT: {
    found: 'The vCenter serves neither /api nor /rest.',
    todo: 'Check that proxies in front of vCenter forward these paths. All fields but those of tags work without them.',
  },
  LOGIN_REJECTED: {
    found: 'vAPI rejects the account that the SOAP API accepts.',
    todo: 'Write the user name with its domain, NAME@DOMAIN or DOMAIN\\NAME. All fields but those of tags work without it.',
  },
  TOO_MANY_SESSIONS: {
    found: 'The account has as many vAPI sessions as it may have.',
    todo: 'Find the program that leaves sessions behind, and wait until they end after their idle timeout.',
  },
}
