// SessionManager: login, logout and session management.

import { isSameAccount } from '../authorization/accounts.ts'
import type { Authorization, SimulatedUser } from '../authorization/authorization.ts'
import { recordEvent } from '../history/event-log.ts'
import type { SimulatedInventory } from '../simulated-inventory.ts'
import { VimFault } from '../vim-fault.ts'
import { noPermission } from './privileges.ts'
import { propertyCollector, rootFolder, sessionManager, viewManager } from './service-content.ts'
import { invalidArgument, type ServiceMethodTable } from './service-method.ts'
import { newCookie, type Session, type Sessions } from './sessions.ts'

export function sessionManagerMethods(
  sessions: Sessions,
  users: readonly SimulatedUser[],
  authorization: Authorization,
): ServiceMethodTable {
  return {
    Login({ args, connection, objects }) {
      const { session: loggedIn, ipAddress, userAgent } = connection
      // Every Login response sets a cookie, even a failed one, whose cookie is invalid.
      connection.cookie = newCookie()
      const user = users.find(
        ({ username, password }) => isSameAccount(args.userName, username) && args.password === password,
      )
      if (!user)
        recordEvent(objects, { _typeName: 'BadUsernameSessionEvent', userName: args.userName, ipAddress })
      if (loggedIn || !user) throw new VimFault({ _typeName: 'InvalidLogin' })
      const locale = args.locale ?? 'en'
      if (!/^[a-z]{2}([_-][A-Za-z]{2})?$/.test(locale)) throw new VimFault({ _typeName: 'InvalidLocale' })
      const access = authorization.accessOf(user.username)
      if (!access.hasAny) throw noPermission([{ entity: rootFolder, privilegeIds: ['System.View'] }])
      const session = sessions.add(access, locale, { ipAddress, userAgent })
      addSessionObjects(objects, sessions, session)
      connection.cookie = session.cookie
      recordEvent(objects, {
        _typeName: 'UserLoginSessionEvent',
        userName: session.userName,
        ipAddress,
        userAgent,
        locale,
        sessionId: session.key,
      })
      return session.toUserSession()
    },

    Logout({ session, objects }) {
      recordEvent(objects, {
        _typeName: 'UserLogoutSessionEvent',
        userName: session.userName,
        ...session.caller,
        callCount: session.callCount,
        sessionId: session.key,
        loginTime: session.loginTime,
      })
      sessions.end(session)
      return undefined
    },

    SessionIsActive({ args }) {
      return sessions.withKey(args.sessionID)?.userName === args.userName
    },

    TerminateSession({ args, session }) {
      const terminated = (args.sessionId ?? []).map((key) => {
        if (key === session.key) throw invalidArgument('sessionId')
        const found = sessions.withKey(key)
        if (!found) throw new VimFault({ _typeName: 'NotFound' })
        return found
      })
      for (const each of terminated) sessions.end(each)
      return undefined
    },
  }
}

/** Creates the session's own versions of the singletons, with its own session, views and filters. */
function addSessionObjects(objects: SimulatedInventory, sessions: Sessions, session: Session): void {
  const ofTypes = (...types: string[]) =>
    [...session.objects.values()].filter((object) => types.includes(object.type)).map((object) => object.ref)
  session.shadow(objects, 'SessionManager', sessionManager.value, {
    sessionList: () => sessions.list().map((each) => each.toUserSession()),
    currentSession: () => session.toUserSession(),
    messageLocaleList: ['en'],
    supportedLocaleList: ['en'],
    defaultLocale: 'en',
  })
  session.shadow(objects, 'ViewManager', viewManager.value, {
    viewList: () => ofTypes('ContainerView', 'ListView'),
  })
  session.shadow(objects, 'PropertyCollector', propertyCollector.value, { filter: [] })
}
