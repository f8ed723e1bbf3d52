// Guarantees that a run of `doctor` changes nothing: rejects every request that is not on the list below before it is sent.

import type { Transport, TransportRequest } from '../transport/transport.ts'

/** The SOAP methods that may be called. Views, pages and collectors that they create belong to the session and end with it. */
export const allowedMethods: ReadonlySet<string> = new Set([
  'RetrieveServiceContent',
  'Login',
  'Logout',
  'CurrentTime',
  'CreateContainerView',
  'DestroyView',
  'RetrievePropertiesEx',
  'ContinueRetrievePropertiesEx',
  'CancelRetrievePropertiesEx',
  'HasPrivilegeOnEntities',
  'CreateCollectorForEvents',
  'CreateCollectorForTasks',
  'ResetCollector',
  'ReadPreviousEvents',
  'ReadPreviousTasks',
  'DestroyCollector',
])

/** The requests to vAPI that are not GET: login, logout, and queries whose input is in a body. */
const allowedRestRequests = [
  /^(POST|DELETE) (\/api\/session|\/rest\/com\/vmware\/cis\/session)$/,
  /^POST \/(api|rest\/com\/vmware)\/cis\/tagging\/tag-association\?~?action=list-[a-z-]+$/,
]

/** Wraps a connection so that it rejects requests that could change something. */
export const readOnlyTransport = (transport: Transport): Transport => ({
  async send(request) {
    if (!onlyReads(request)) throw new Error('doctor does not send requests that could change something')
    return transport.send(request)
  },
  close: () => transport.close(),
})

function onlyReads({ method, path, body }: TransportRequest): boolean {
  if (method === 'GET') return true
  if (allowedRestRequests.some((form) => form.test(`${method} ${path}`))) return true
  const call = /<soapenv:Body>\s*<(\w+) xmlns="urn:vim25">/.exec(body ?? '')?.[1]
  return method === 'POST' && call !== undefined && allowedMethods.has(call)
}
