"""The dispute: raised, worked through its stages, ended, and recorded in Appendix B."""
