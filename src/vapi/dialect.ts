// The two generations of the vAPI endpoints: `/api` since vSphere 7.0 U2, and `/rest` since 6.5. They differ in paths, in the names of
// actions and ids in URLs, and in whether the result is wrapped.

/** A resource of tagging, and the action on it. */
export interface Resource {
  readonly name: 'category' | 'tag' | 'tag-association'
  readonly id?: string | undefined
  readonly action?: string | undefined
}

export interface Dialect {
  readonly generation: 'api' | 'rest'
  readonly sessionPath: string
  /** Returns path and query of a resource. */
  readonly pathOf: (resource: Resource) => string
  /** Returns the result in the body of a successful response. */
  readonly unwrap: (body: unknown) => unknown
}

/** The colons of a URN are valid in a path. */
const encoded = (id: string): string => encodeURIComponent(id).replaceAll('%3A', ':')

const api: Dialect = {
  generation: 'api',
  sessionPath: '/api/session',
  pathOf: ({ name, id, action }) =>
    `/api/cis/tagging/${name}${id === undefined ? '' : `/${encoded(id)}`}${action === undefined ? '' : `?action=${action}`}`,
  unwrap: (body) => body,
}

const rest: Dialect = {
  generation: 'rest',
  sessionPath: '/rest/com/vmware/cis/session',
  pathOf: ({ name, id, action }) =>
    `/rest/com/vmware/cis/tagging/${name}${id === undefined ? '' : `/id:${encoded(id)}`}${action === undefined ? '' : `?~action=${action}`}`,
  unwrap: (body) => (body as { value?: unknown } | null | undefined)?.value,
}

/** The newer generation is tried first. */
export const dialects: readonly Dialect[] = [api, rest]
