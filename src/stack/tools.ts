/** Package clients and programs a download or a server may need on this machine. */
export type Tool = 'npm' | 'pip' | 'maven' | 'apt';
