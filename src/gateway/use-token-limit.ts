// Refuses documents that are too long before they are parsed whole: a flood of aliases costs at every step that follows.

import { GraphQLError, type ParseOptions, parse, type Source } from 'graphql'
import type { Plugin } from 'graphql-yoga'

const mostTokens = 5_000

export function useTokenLimit(): Plugin {
  return {
    onParse({ setParseFn }) {
      setParseFn((source: string | Source, options?: ParseOptions) => {
        try {
          return parse(source, { ...options, maxTokens: mostTokens })
        } catch (error) {
          // Deep nesting overflows the parser's stack before it has its tokens counted.
          if (error instanceof RangeError) throw new GraphQLError('the document is nested too deeply')
          throw error
        }
      })
    },
  }
}
