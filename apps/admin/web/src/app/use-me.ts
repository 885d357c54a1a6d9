import { useQuery } from '@tanstack/react-query';
import { RequestFailure } from '#libs/ui/request-failure.js';
import { api } from './api.js';

async function fetchMe() {
  try {
    return await api('GET /api/me');
  } catch (error) {
    if (error instanceof RequestFailure && error.status === 401) return null;
    throw error;
  }
}

/**
 * Who is signed in and which pages they may open; null when nobody is. Not asked while `enabled` is false: an
 * answer of before the hand-over, arriving after it, would say that nobody is.
 */
export function useMe(enabled = true) {
  return useQuery({ queryKey: ['me'], queryFn: fetchMe, staleTime: Number.POSITIVE_INFINITY, enabled });
}
