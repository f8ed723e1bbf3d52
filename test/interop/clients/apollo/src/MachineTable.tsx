import { NetworkStatus } from '@apollo/client'
import { useQuery, useSubscription } from '@apollo/client/react'
import { useState } from 'react'
import { createListRefresher } from 'vsphere-graphql/client'
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
  const { data, error, fetchMore, networkStatus, refetch } = useQuery(MachinesQuery)
  const [refresh] = useState(createListRefresher)
  const { error: changesError } = useSubscription(MachineChanges, {
    skip: networkStatus === NetworkStatus.loading,
    // The list is read again from its start.
    onData({ data: { data } }) {
      if (data) refresh(data.inventoryChanges, refetch)
    },
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
      {pageInfo?.hasNextPage && (
        <button onClick={() => fetchMore({ variables: { after: pageInfo.endCursor } })}>Load more</button>
      )}
    </>
  )
}
