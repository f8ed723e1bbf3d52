// What other people's programs and GraphQL answers hold: the tests compare it, they do not compute with it.

// biome-ignore lint/suspicious/noExplicitAny: a type for every shape of govc's would say nothing that toEqual does not
export type Untyped = any
