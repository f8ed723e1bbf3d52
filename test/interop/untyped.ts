// The type of values from external programs and GraphQL responses, which the tests compare but do not compute with.

// biome-ignore lint/suspicious/noExplicitAny: types for govc's output would add nothing to toEqual
export type Untyped = any
