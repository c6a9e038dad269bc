"""HTTP doors. Each dialect has its own error form; none of them holds authority."""
