import { useQuery } from '@tanstack/react-query';
import type { z } from 'zod';
import type { MeView } from '#libs/contracts/session-api.js';
import { RequestFailure } from '#libs/ui/request-failure.js';
import { api } from './api.js';

export type Me = z.infer<typeof MeView>;

async function fetchMe(): Promise<Me | null> {
  try {
    return await api('GET /api/me');
  } catch (error) {
    if (error instanceof RequestFailure && error.status === 401) return null;
    throw error;
  }
}

/**
 * Who is signed in; null when nobody is. Not asked while `enabled` is false: an answer of before a sign-in,
 * arriving after it, would say that nobody is.
 */
export function useMe(enabled = true) {
  return useQuery({ queryKey: ['me'], queryFn: fetchMe, staleTime: Number.POSITIVE_INFINITY, enabled });
}
