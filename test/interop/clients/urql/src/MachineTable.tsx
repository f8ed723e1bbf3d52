import { useState } from 'react'
import { useQuery, useSubscription } from 'urql'
import { createListChangeDetector } from 'vsphere-graphql/client'
import { ErrorList } from './ErrorList.tsx'
import { errorsOf } from './errors.ts'
import { graphql } from './gql/index.ts'

const MachinesQuery = graphql(`
  query Machines($after: String) {
    virtualMachines(first: 5, after: $after, orderBy: [{ field: NAME }]) {
      totalCount
      edges {
        node { id name powerState memory host { id name } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

// The cache finds the objects by their ids, so the rows change by themselves.
const MachineChanges = graphql(`
  subscription MachineChanges {
    inventoryChanges(filter: { virtualMachine: {} }) {
      initial
      changes {
        kind
        entity { id ... on VirtualMachine { name powerState memory } }
      }
    }
  }
`)

export function MachineTable({ onSelect }: { onSelect: (id: string) => void }) {
  const [after, setAfter] = useState<string | null>()
  const [{ data, error }, readAgain] = useQuery({
    query: MachinesQuery,
    variables: { after },
    requestPolicy: after ? 'cache-first' : 'cache-and-network',
  })
  const [changesList] = useState(createListChangeDetector)
  const [{ error: changesError }] = useSubscription({ query: MachineChanges }, (_previous, data) => {
    // The list is read again from its start.
    if (changesList(data.inventoryChanges)) {
      setAfter(undefined)
      readAgain({ requestPolicy: 'network-only' })
    }
    return data
  })
  const { edges, pageInfo, totalCount } = data?.virtualMachines ?? {}
  return (
    <>
      <ErrorList errors={[...errorsOf(error), ...errorsOf(changesError)]} />
      <table>
        <caption>{totalCount} virtual machines</caption>
        <tbody>
          {edges?.map(({ node: { id, name, powerState, memory, host } }) => (
            <tr key={id}>
              <td>
                <button onClick={() => onSelect(id)}>{name}</button>
              </td>
              <td>{powerState}</td>
              <td>{memory === null || memory === undefined ? '' : `${memory / 2 ** 30} GiB`}</td>
              <td>{host?.name}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {pageInfo?.hasNextPage && <button onClick={() => setAfter(pageInfo.endCursor)}>Load more</button>}
    </>
  )
}
